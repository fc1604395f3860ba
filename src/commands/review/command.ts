import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { REVIEW_OUTPUTS } from '../options/output-forms.ts';
import { noHeadersOption } from '../options/output-option.ts';
import { offlineReverseOption } from '../options/setting-options.ts';
import type { ReviewSettings } from './review.ts';

type ReviewTexts = ReviewSettings & { readonly filename: readonly string[] };

/** Adds `review`. */
export function addReviewCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  program
    .command('review')
    .description(
      'Report which objects in manifests or AdmissionReviews are missing a label, offline, by the same rule.',
    )
    .argument('[files...]', 'YAML or JSON files or directories; - is standard input, the default')
    .addOption(
      new Option('-f, --filename <file>', 'same as an argument; can be repeated, or comma-separated')
        .default([], 'none')
        .argParser((text, files: readonly string[]) => [...files, ...text.split(',')]),
    )
    .option('-R, --recursive', 'also read the directories below a directory', false)
    .addOption(
      new Option('-o, --output <form>', 'output format; yaml: the manifests with the labels added')
        .choices(REVIEW_OUTPUTS)
        .default('table'),
    )
    .addOption(noHeadersOption())
    .addOption(offlineReverseOption())
    .option('--check', 'exit with 1 when a label is missing', false)
    .addHelpText('after', HELP)
    .action(async (args: string[], { filename, ...settings }: ReviewTexts) => {
      const files = [...args, ...filename];
      const { review } = await import('./review.ts');
      exitWith(await review(files.length > 0 ? files : ['-'], settings, context));
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
`;
