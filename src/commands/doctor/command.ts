import { type Command, Option } from 'commander';
import { REVERSE } from '../../admission/gateway.ts';
import type { Context } from '../context.ts';
import { DOCTOR_OUTPUTS } from '../options/output-forms.ts';
import { CONTEXT_FLAGS } from '../options/scope-options.ts';
import { configurationOption } from '../options/setting-options.ts';
import { SERVE_SETTINGS } from '../options/settings.ts';
import type { DoctorTexts } from './doctor.ts';
import type { VerifyTexts } from './verify.ts';

/** Adds the commands that tell whether an installation works: from outside, and from a Pod. */
export function addDoctorCommands(program: Command, context: Context, exitWith: (code: number) => void): void {
  program
    .command('doctor')
    .description('Look at an installation as a whole, and tell what is wrong with it and what to do. Changes nothing.')
    .option(...CONTEXT_FLAGS)
    .option('-n, --namespace <name>', "namespace to create an object in by dry run, otherwise the context's")
    .addOption(configurationOption())
    .addOption(
      new Option('--reverse <which>', 'what rule.reverse is meant to be, otherwise what it is in the cluster')
        .env(SERVE_SETTINGS.reverse.env)
        .choices(REVERSE),
    )
    .addOption(new Option('-o, --output <form>', 'how to print it').choices(DOCTOR_OUTPUTS).default('table'))
    .addHelpText('after', DOCTOR_HELP)
    .action(async (texts: DoctorTexts) => {
      const { doctor } = await import('./doctor.ts');
      exitWith(await doctor(texts, context));
    });

  program
    .command('verify')
    .description('Create a ServiceAccount by dry run, and tell whether it comes back with both labels.')
    .option(...CONTEXT_FLAGS)
    .option('-n, --namespace <name>', "namespace to create it in, otherwise the context's")
    .addOption(configurationOption())
    .addHelpText('after', VERIFY_HELP)
    .action(async (texts: VerifyTexts) => {
      const { verify } = await import('./verify.ts');
      exitWith(await verify(texts, context));
    });
}

const DOCTOR_HELP = `
What it may not look at for lack of a right is skipped, and it says who grants the right how.
Exit codes: 0, also where something is skipped or worth a note; 1 for warnings and failures; 2 when the API server cannot be asked.
`;

const VERIFY_HELP = `
Of what doctor looks at, it is the part that takes the fewest rights: for a Pod.
Exit codes: 0, 1 when a label is missing, 2 when it cannot be tried.
`;
