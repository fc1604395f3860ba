import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { BAD_USAGE } from '../options/bad-usage.ts';
import { parseServeSettings } from '../options/serve-settings.ts';
import { SERVE_SETTINGS, type SettingTexts } from '../options/settings.ts';

/** Adds `serve`. */
export function addServeCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  const serveCommand = program
    .command('serve')
    .description('Serve admission reviews over HTTPS until SIGTERM or SIGINT.')
    .action(async (texts: SettingTexts) => {
      const parsed = parseServeSettings(texts);
      if ('settings' in parsed) {
        // Commands load what they need when they run: `review` needs no HTTP server, `serve` no YAML.
        const { serve } = await import('./serve.ts');
        return serve(parsed.settings, context);
      }
      for (const problem of parsed.problems) context.stderr.write(`error: ${problem}\n`);
      context.stderr.write(`See '${context.program} serve --help'.\n`);
      return exitWith(BAD_USAGE);
    });
  for (const { flags, env, description, default: text } of Object.values(SERVE_SETTINGS)) {
    serveCommand.addOption(new Option(flags, description).env(env).default(text));
  }
}
