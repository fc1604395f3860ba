import { Argument, type Command } from 'commander';
import type { Context } from '../context.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** Adds `completion`. */
export function addCompletionCommand(program: Command, context: Context): void {
  program
    .command('completion')
    .description('Print a script that completes commands and flags in a shell.')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText('after', HELP)
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./script.ts');
      context.stdout.write(completionScript(shell, program));
    });
}

const HELP = `
Examples:
  source <(gateway-name-webhook completion bash)
  source <(gateway-name-webhook completion zsh)
  gateway-name-webhook completion fish | source
`;
