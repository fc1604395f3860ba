import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { BadUsage } from '../options/bad-usage.ts';
import { REVIEW_OUTPUTS } from '../options/output-forms.ts';
import { CONTEXT_FLAGS } from '../options/scope-options.ts';
import { configurationOption, reverseOption } from '../options/setting-options.ts';
import type { LiveSettings } from '../why/review-live.ts';
import type { ReviewSettings } from './review.ts';

type ReviewTexts = ReviewSettings &
  Omit<LiveSettings, 'live' | 'output'> & { readonly live?: string; readonly filename: readonly string[] };

/** Adds `review`. */
export function addReviewCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  program
    .command('review')
    .description(
      'Report which objects in manifests or AdmissionReviews are missing a label, offline, by the same rule.',
    )
    .argument('[files...]', 'YAML or JSON files or directories; - is standard input, the default')
    .addOption(
      new Option('-f, --filename <file>', 'the same as an argument; repeat it, or separate files by commas')
        .default([], 'none')
        .argParser((text, files: readonly string[]) => [...files, ...text.split(',')]),
    )
    .option('-R, --recursive', 'also read the directories below a directory', false)
    .addOption(
      new Option('-o, --output <form>', 'yaml: the manifests with the labels added')
        .choices(REVIEW_OUTPUTS)
        .default('table'),
    )
    .addOption(reverseOption())
    .option('--check', 'exit with 1 when a label is missing', false)
    .option('--live <kind/name>', 'instead of files: an object of the cluster, and why it has its labels or lacks one')
    .option('-n, --namespace <name>', "with --live: its namespace, otherwise the context's")
    .option(CONTEXT_FLAGS[0], `with --live: ${CONTEXT_FLAGS[1]}`)
    .addOption(configurationOption('with --live: the MutatingWebhookConfiguration'))
    .addHelpText('after', HELP)
    .action(async (args: string[], { live, filename, ...texts }: ReviewTexts) => {
      const files = [...args, ...filename];
      if (live === undefined) {
        if (texts.namespace !== undefined || texts.context !== undefined) {
          throw new BadUsage('-n and --context are for --live: manifests are not read from a cluster');
        }
        const { review } = await import('./review.ts');
        return exitWith(await review(files.length > 0 ? files : ['-'], texts, context));
      }
      if (files.length > 0) throw new BadUsage('--live takes no files');
      const { reviewLive } = await import('../why/review-live.ts');
      return exitWith(await reviewLive({ ...texts, live }, context));
    });
}

const HELP = `
-o yaml adds lines and changes no other byte. A document that a label cannot be safely added to is printed unchanged and reported
on standard error.

Exit codes:
  0  everything was read
  1  a label is missing, with --check; or the output could not be written
  2  a file, document or object could not be read or labeled, or would be refused by the API server

Examples:
  kubectl get pods -A -o yaml | gateway-name-webhook review
  gateway-name-webhook review --check -R -f deploy/
  helm template my-release my-chart | gateway-name-webhook review -o yaml -f - | kubectl apply -f -
  gateway-name-webhook review --live pod/envoy-eg-5d9c7 -n envoy-gateway-system
`;
