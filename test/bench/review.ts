import { mkdtempDisposable, rm, stat } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { watchOthers } from './machine.ts';
import { FORMS, type Form, ONE_OF, type OneOf, writePodList } from './pod-lists.ts';
import { reportAims } from './report.ts';
import { runReview, runYardstick } from './review-processes.ts';
import { type ReviewResult, reportReviews, reviewAims } from './review-report.ts';

const USAGE = `Usage: npm run bench:review -- [options]

Measures review -o yaml (dist/main.js) on Lists of Pods, as kubectl get pods -A prints them. A label is missing in every Pod, or in
one of ten. The yardstick is a process that parses the whole file, with JSON.parse or with the yaml package.

  --sizes <list>   sizes of the files in MB (default: 8,32). Above 100, the yardstick is left out
  --help
`;

const MB = 1_000_000;

/** Above this size, parsing YAML as a whole needs more memory than Node's default heap limit. */
const LARGEST_PARSED = 100 * MB;

async function measure(form: Form, bytes: number, oneOf: OneOf, directory: string): Promise<ReviewResult> {
  const [input, output] = [join(directory, `pods.${form}`), join(directory, `labeled.${form}`)];
  const pods = await writePodList(input, form, bytes, oneOf);
  const review = await runReview(input, output);
  const { size } = await stat(input);
  if ((await stat(output)).size < size + Math.ceil(pods / oneOf) * LABEL.length)
    throw new Error('Cannot measure: labels are missing');
  const yardstick = bytes > LARGEST_PARSED ? undefined : await runYardstick(form, input);
  await Promise.all([rm(input), rm(output)]);
  return { form, bytes, oneOf, pods, review, yardstick };
}

const LABEL = 'gateway.networking.k8s.io/gateway-name';

const { values } = parseArgs({
  options: { sizes: { type: 'string', default: '8,32' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(USAGE);
} else {
  console.log(`Node ${process.version} on ${availableParallelism()} × ${cpus()[0]?.model.trim()}`);
  await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-review-'));
  const others = watchOthers();
  const results: ReviewResult[] = [];
  for (const form of FORMS) {
    for (const size of values.sizes.split(',')) {
      for (const oneOf of ONE_OF) results.push(await measure(form, Number(size) * MB, oneOf, directory.path));
    }
  }
  console.log(`\n${reportReviews(results)}`);
  console.log(reportAims(reviewAims(results), others()));
}
