import { type Command, Option } from 'commander';
import { REVERSE } from '../admission/gateway.ts';
import { BadUsage } from './bad-usage.ts';
import type { Context } from './context.ts';
import type { ReviewSettings } from './review.ts';
import type { LiveSettings } from './review-live.ts';
import { OUTPUTS, type Output } from './review-output.ts';
import { CONTEXT_FLAGS } from './scope-options.ts';
import { configurationOption } from './setting-options.ts';
import { SERVE_SETTINGS } from './settings.ts';

type ReviewTexts = ReviewSettings & Omit<LiveSettings, 'live' | 'output'> & { readonly live?: string };

/** Adds `review`. */
export function addReviewCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  const { reverse } = SERVE_SETTINGS;
  program
    .command('review')
    .description('Tell which objects of manifests or AdmissionReviews lack a label, offline, by the same rule.')
    .argument('[files...]', 'YAML or JSON files, each with any number of documents; - is standard input', ['-'])
    .addOption(
      new Option('-o, --output <form>', 'yaml: the manifests with the labels added').choices(OUTPUTS).default('table'),
    )
    .addOption(new Option('--reverse <which>', reverse.description).choices(REVERSE).default('both'))
    .option('--check', 'exit with 1 when a label is missing', false)
    .option('--live <kind/name>', 'instead of files: an object of the cluster, and why it has its labels or lacks one')
    .option('-n, --namespace <name>', "with --live: its namespace, otherwise the context's")
    .option(CONTEXT_FLAGS[0], `with --live: ${CONTEXT_FLAGS[1]}`)
    .addOption(configurationOption('with --live: the MutatingWebhookConfiguration'))
    .addHelpText('after', HELP)
    .action(async (files: string[], { live, ...texts }: ReviewTexts, command: Command) => {
      if (live === undefined) {
        if (texts.namespace !== undefined || texts.context !== undefined) {
          throw new BadUsage('-n and --context are for --live: manifests are not read from a cluster');
        }
        const { review } = await import('./review.ts');
        return exitWith(await review(files, texts, context));
      }
      if (command.args.length > 0) throw new BadUsage('--live takes no files');
      const output = liveOutput(texts.output);
      const { reviewLive } = await import('./review-live.ts');
      return exitWith(await reviewLive({ ...texts, live, output }, context));
    });
}

function liveOutput(output: Output): LiveSettings['output'] {
  if (output === 'patch') throw new BadUsage('--live has no patches: -o table, json or yaml');
  return output;
}

const HELP = `
Exit codes: 0, 1 when a label is missing and --check is set, 2 when anything could not be read.

Examples:
  kubectl get pods -A -o yaml | gateway-name-webhook review
  helm template my-release my-chart | gateway-name-webhook review - -o yaml
  gateway-name-webhook review --live pod/envoy-eg-5d9c7 -n envoy-gateway-system
`;
