import { Command, CommanderError, Option } from 'commander';
import { addClusterCommands } from './certs/command.ts';
import type { Context } from './context.ts';
import { addDoctorCommands } from './doctor/command.ts';
import { addObjectCommands } from './object-commands.ts';
import { parseServeSettings, SERVE_SETTINGS, type SettingTexts } from './options/settings.ts';
import { addReviewCommand } from './review/command.ts';
import { VERSION } from './version.ts';

const NAME = 'gateway-name-webhook';

/** Of bad usage, bad input and no access; 1 is for what a command found or could not do. */
const BAD_USAGE = 2;

/** Errors, by name: most commands do not load their classes. */
const NO_ACCESS = new Set(['BadUsage', 'ApiError', 'NoAccess']);

/**
 * Runs the command that the arguments name and returns its exit code. A server that has been started goes on after that.
 */
export async function run(argv: readonly string[], context: Context): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
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
  const program = new Command(NAME)
    .description('Adds the gateway-name label that is missing from what is generated for a Gateway.')
    .version(VERSION)
    .showHelpAfterError(`(${NAME} --help shows what there is)`)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });

  const serveCommand = program
    .command('serve')
    .description('Serve admission reviews by HTTPS, until SIGTERM or SIGINT.')
    .action(async (texts: SettingTexts) => {
      const parsed = parseServeSettings(texts);
      if ('settings' in parsed) {
        // Commands load what they need when they run: `review` needs no HTTP server, `serve` no YAML.
        const { serve } = await import('./serve/serve.ts');
        return serve(parsed.settings, context);
      }
      for (const problem of parsed.problems) context.stderr.write(`error: ${problem}\n`);
      context.stderr.write(`(${NAME} serve --help shows every setting)\n`);
      return exitWith(BAD_USAGE);
    });
  for (const { flags, env, description, default: text } of Object.values(SERVE_SETTINGS)) {
    serveCommand.addOption(new Option(flags, description).env(env).default(text));
  }

  addReviewCommand(program, context, exitWith);
  addObjectCommands(program, context, exitWith);
  addClusterCommands(program, context, exitWith);
  addDoctorCommands(program, context, exitWith);
  return program;
}
