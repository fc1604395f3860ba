import type { Reverse } from '../../admission/gateway.ts';
import { openEncoded } from '../../manifests/encoding.ts';
import { reviewManifests } from '../../manifests/manifest.ts';
import type { Context } from '../context.ts';
import type { ReviewOutput } from '../options/output-forms.ts';
import { write } from '../output/write.ts';
import { findInputs, type Input, readProblem } from './inputs.ts';
import { buildReport } from './report.ts';

export interface ReviewSettings {
  readonly output: ReviewOutput;
  /** Whether a table has a header. */
  readonly headers: boolean;
  readonly reverse: Reverse;
  /** Whether a missing label is a failure. */
  readonly check: boolean;
  /** Whether to search subdirectories, too. */
  readonly recursive: boolean;
}

/**
 * Applies the rule to manifests and AdmissionReviews, offline. Documents, and the items of Lists, are read, reviewed and printed
 * one by one.
 *
 * Returns the exit code: 0, or 1 if a label is missing and `check` is set, or 2 if anything could not be read or labeled; the
 * rest is still reviewed.
 */
export async function review(paths: readonly string[], settings: ReviewSettings, context: Context): Promise<0 | 1 | 2> {
  const { stdin, stdout, stderr } = context;
  const inputs = await findInputs(paths, settings.recursive, stdin);
  const report = buildReport(settings, inputs.length > 1);
  const totals = { objects: 0, missing: 0, errors: 0 };

  for (const input of inputs) {
    if ('error' in input) fail(input.error);
    else await reviewInput(input).catch((error) => fail(readProblem(input.name, error)));
  }
  await write(stdout, report.end(totals));

  if (totals.objects === 0 && totals.errors === 0) stderr.write('No ServiceAccounts, Pods or Services found\n');
  else if (stderr.isTTY) stderr.write(`${totals.objects} reviewed, ${totals.missing} missing a label\n`);
  if (totals.errors > 0) return 2;
  return settings.check && totals.missing > 0 ? 1 : 0;

  async function reviewInput({ name, open }: Input): Promise<void> {
    if (name === 'stdin' && stdin.isTTY)
      stderr.write('Reading manifests from standard input; press Ctrl-D at the end\n');
    const stream = await openEncoded(open());
    await write(stdout, report.begin(name, stream));
    for await (const part of reviewManifests(stream, settings.reverse)) {
      totals.objects += part.objects.length;
      totals.missing += part.objects.filter(({ decision }) => decision.add).length;
      const { output, problems } = report.add(part);
      for (const { line, problem } of [...part.problems, ...problems]) {
        fail(`${name}: document ${part.document}, line ${line}: ${problem}`);
      }
      await write(stdout, output);
    }
    const incomplete = stream.incomplete();
    if (incomplete.length > 0) fail(`${name}: the input ends in the middle of a character`);
    await write(stdout, report.endInput(incomplete));
  }

  function fail(error: string): void {
    totals.errors += 1;
    context.willExitWith(2);
    stderr.write(`error: ${error}\n`);
  }
}
