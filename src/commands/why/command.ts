import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { addClusterOptions } from '../options/cluster-options.ts';
import { WHY_OUTPUTS } from '../options/output-forms.ts';
import { outputOption } from '../options/output-option.ts';
import { configurationOption, reverseOption } from '../options/setting-options.ts';
import type { WhyTexts } from './why.ts';

/** Adds `why`. */
export function addWhyCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  addClusterOptions(program.command('why'))
    .description('Explain why an object has its gateway labels, or why one is missing.')
    .argument('<kind/name>', 'a Pod, Service or ServiceAccount, as kubectl names it: pod/eg, svc/eg, sa/eg')
    .option('-n, --namespace <name>', "namespace of the object (default: the context's)")
    .addOption(configurationOption())
    .addOption(reverseOption())
    .addOption(outputOption(WHY_OUTPUTS))
    .option('--check', 'exit with 1 when a label is missing', false)
    .addHelpText('after', HELP)
    .action(async (object: string, texts: WhyTexts) => {
      const { why } = await import('./why.ts');
      exitWith(await why(object, texts, context));
    });
}

const HELP = `
Reads the object, its namespace, the webhook configuration or the policies, and the API server's counts of failed calls.
Missing permissions are reported with the commands that grant them; the rest is still explained.

Exit codes:
  0  the object was found
  1  a label is missing, with --check
  2  the object or the cluster could not be read

Examples:
  gateway-name-webhook why pod/envoy-eg-5d9c7 -n envoy-gateway-system
  gateway-name-webhook why svc/envoy-eg -n envoy-gateway-system -o json
`;
