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
    .option('-n, --namespace <name>', "namespace to create an object in by dry run (default: the context's)")
    .addOption(configurationOption())
    .addOption(
      new Option('--reverse <which>', 'expected value of rule.reverse (default: as installed)')
        .env(SERVE_SETTINGS.reverse.env)
        .choices(REVERSE),
    )
    .addOption(
      new Option('--only <sections>', `check only these, separated by commas: ${SECTIONS.join(', ')}`).argParser(
        parseSections,
      ),
    )
    .addOption(new Option('-o, --output <form>', 'how to print it').choices(DOCTOR_OUTPUTS).default('table'))
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
What you are not allowed to look at is skipped, and reported with the commands that grant the permission.
--only call takes the fewest permissions: to create ServiceAccounts in one namespace, and to get the one configuration.

Exit codes:
  0  all is well; something may be skipped, or worth a note
  1  there are warnings or failures
  2  the API server cannot be asked, or nothing that --only names can be looked at

Examples:
  gateway-name-webhook doctor
  gateway-name-webhook doctor --only call -n envoy-gateway-system
`;
