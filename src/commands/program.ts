import { Command, CommanderError } from 'commander';
import { addAuditCommand } from './audit/command.ts';
import { addBackfillCommand } from './backfill/command.ts';
import { addCertsCommands } from './certs/command.ts';
import { addCompletionCommand } from './completion/command.ts';
import type { Context } from './context.ts';
import { addDoctorCommand } from './doctor/command.ts';
import { addListCommand } from './list/command.ts';
import { BAD_USAGE } from './options/bad-usage.ts';
import { withLeadingFlagsLast } from './options/leading-flags.ts';
import { asCalled } from './program-name.ts';
import { addReviewCommand } from './review/command.ts';
import { addServeCommand } from './serve/command.ts';
import { VERSION } from './version.ts';
import { addWhyCommand } from './why/command.ts';

/** The width of help that is not printed to a terminal. */
const HELP_COLUMNS = 80;

/** Errors by name: most commands do not load their classes. */
const NO_ACCESS = new Set(['BadUsage', 'ApiError', 'NoAccess', 'SeveralReleases']);

/**
 * Runs the command that the arguments name and returns its exit code. A server that was started keeps running.
 */
export async function run(argv: readonly string[], context: Context): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(withLeadingFlagsLast(argv), { from: 'user' });
    return exitCode;
  } catch (error) {
    // commander has printed what it throws.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_USAGE;
    const { name, message } = error as Error;
    context.stderr.write(`error: ${message}\n`);
    return NO_ACCESS.has(name) ? BAD_USAGE : 1;
  }
}

function buildProgram(context: Context, exitWith: (code: number) => void): Command {
  const program = new Command(context.program)
    .description('Add missing gateway-name labels to the objects generated for Gateways.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(asCalled(text, context.program)),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns ?? HELP_COLUMNS,
      getErrHelpWidth: () => context.stderr.columns ?? HELP_COLUMNS,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });

  addServeCommand(program, context, exitWith);
  addReviewCommand(program, context, exitWith);
  addWhyCommand(program, context, exitWith);
  addAuditCommand(program, context, exitWith);
  addBackfillCommand(program, context, exitWith);
  addListCommand(program, context, exitWith);
  addCertsCommands(program, context, exitWith);
  addDoctorCommand(program, context, exitWith);
  addCompletionCommand(program, context);
  program
    .command('version')
    .description('Print the version.')
    .action(() => void context.stdout.write(`${VERSION}\n`));
  hintAtHelp(program, context.program);
  return program;
}

/** After an error: as kubectl does it. */
function hintAtHelp(command: Command, path: string): void {
  command.showHelpAfterError(`See '${path} --help'.`);
  for (const one of command.commands) hintAtHelp(one, `${path} ${one.name()}`);
}
