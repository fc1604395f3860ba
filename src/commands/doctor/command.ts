import { type Command, InvalidArgumentError, Option } from 'commander';
import { REVERSE } from '../../admission/gateway.ts';
import { SECTIONS, type Section } from '../../doctor/check.ts';
import type { Context } from '../context.ts';
import { addClusterOptions } from '../options/cluster-options.ts';
import { DOCTOR_OUTPUTS } from '../options/output-forms.ts';
import { configurationOption } from '../options/setting-options.ts';
import { SERVE_SETTINGS } from '../options/settings.ts';
import type { DoctorTexts } from './doctor.ts';

/** Adds `doctor`. */
export function addDoctorCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  addClusterOptions(program.command('doctor'))
    .description('Diagnose an installation: what is wrong, and what to do. Changes nothing.')
    .option('-n, --namespace <name>', "namespace for the server-side dry run (default: the context's)")
    .addOption(configurationOption())
    .addOption(
      new Option('--reverse <which>', 'expected value of rule.reverse (default: as installed)')
        .env(SERVE_SETTINGS.reverse.env)
        .choices(REVERSE),
    )
    .addOption(
      new Option('--only <sections>', `comma-separated sections to check: ${SECTIONS.join(', ')}`).argParser(
        parseSections,
      ),
    )
    .addOption(new Option('-o, --output <form>', 'output format').choices(DOCTOR_OUTPUTS).default('table'))
    .addHelpText('after', HELP)
    .action(async (texts: DoctorTexts) => {
      const { doctor } = await import('./doctor.ts');
      exitWith(await doctor(texts, context));
    });
}

function parseSections(text: string): readonly Section[] {
  const sections = text.split(',').map((name) => SECTIONS.find((section) => section === name));
  if (sections.includes(undefined)) throw new InvalidArgumentError(`Expected some of ${SECTIONS.join(', ')}.`);
  return sections as Section[];
}

const HELP = `
Checks that need a permission you do not have are skipped, and the commands that grant it are printed.
--only call needs the fewest permissions: to create ServiceAccounts in one namespace, and to get the webhook configuration.

Exit codes:
  0  no problems found; checks may be skipped, and there may be notes
  1  there are warnings or failures
  2  the API server cannot be reached, or all checks that --only selects are skipped

Examples:
  gateway-name-webhook doctor
  gateway-name-webhook doctor --only call -n envoy-gateway-system
`;
