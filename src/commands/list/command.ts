import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { OBJECT_OUTPUTS } from '../options/output-forms.ts';
import { noHeadersOption, outputOption } from '../options/output-option.ts';
import { addScopeOptions } from '../options/scope-options.ts';
import type { ListTexts } from './list.ts';

/** Adds `list`. */
export function addListCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  addScopeOptions(program.command('list'))
    .description('List the objects generated for Gateways, found by either label.')
    .argument('[gateway]', 'name or namespace/name of a Gateway (default: all Gateways)')
    .addOption(outputOption(OBJECT_OUTPUTS))
    .addOption(noHeadersOption())
    .addHelpText('after', LIST_HELP)
    .action(async (gateway: string | undefined, texts: ListTexts) => {
      const { list } = await import('./list.ts');
      exitWith(await list(gateway, texts, context));
    });
}

const LIST_HELP = `
Exit codes: 0; 2 if the cluster cannot be read.

Examples:
  gateway-name-webhook list -A
  gateway-name-webhook list eg -n envoy-gateway-system -o name | xargs kubectl -n envoy-gateway-system describe
`;
