import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mutate } from '../../src/admission/mutate.ts';
import { type AdmissionReviewRequest, reviewOf } from '../../src/admission/review.ts';

/** A review, and the webhook's answer. */
export interface BenchReview {
  readonly title: string;
  /** Compact, as the API server sends it. */
  readonly text: string;
  readonly uid: string;
  readonly answer: string;
}

const KB = 1000;

/** The API server accepts 256 KiB of annotations per object; the rest of a large Pod is environment variables. */
const MOST_ANNOTATIONS = 1000;

/** The reviews of the bench, by their names in `--bodies`. */
export const BENCH_REVIEWS = {
  'service-account': recorded('ServiceAccount', 'envoy-serviceaccount'),
  // An UPDATE, with the old object: sent whenever any Gateway changes.
  service: recorded('Service', 'envoy-service-update'),
  pod: recorded('Pod', 'envoy-pod-63-characters'),
  'pod-200kb': enlarged('Pod of 200 KB', 200 * KB),
  'pod-2mb': enlarged('Pod of 2 MB', 2000 * KB),
} as const satisfies Readonly<Record<string, () => BenchReview>>;
export type BodyName = keyof typeof BENCH_REVIEWS;

function recorded(title: string, file: string): () => BenchReview {
  return () => benchReview(title, readReview(file));
}

/** The recorded Pod, enlarged to this size with annotations and environment variables. They are the same in each run. */
function enlarged(title: string, bytes: number): () => BenchReview {
  return () => {
    const review = readReview('envoy-pod-63-characters');
    const { metadata, spec } = review.request.object;
    let missing = bytes - JSON.stringify(review).length;
    for (let number = 0; missing > 0; number += 1) {
      const value = createHash('sha256').update(String(number)).digest('base64');
      const suffix = String(number).padStart(6, '0');
      // Alternately, so that a Pod of any size has both.
      if (number % 2 === 0 && number < MOST_ANNOTATIONS) {
        const key = `bench.example/note-${suffix}`;
        metadata.annotations = { ...metadata.annotations, [key]: value };
        missing -= JSON.stringify({ [key]: value }).length;
      } else {
        const variable = { name: `BENCH_VARIABLE_${suffix}`, value };
        spec.containers[0].env.push(variable);
        missing -= JSON.stringify(variable).length + 1;
      }
    }
    return benchReview(title, review);
  };
}

interface RecordedReview extends AdmissionReviewRequest {
  readonly request: AdmissionReviewRequest['request'] & {
    readonly object: {
      readonly metadata: { annotations?: Record<string, string> };
      readonly spec: { readonly containers: readonly [{ readonly env: object[] }] };
    };
  };
}

function readReview(file: string): RecordedReview {
  const path = new URL(`../fixtures/reviews/${file}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as RecordedReview;
}

function benchReview(title: string, review: AdmissionReviewRequest): BenchReview {
  const answer = reviewOf(mutate(review.request, 'both'));
  // Without a patch, half of the work would not be measured.
  if (answer.response.patch === undefined) throw new Error(`Cannot bench ${title}: its answer has no patch`);
  return { title, text: JSON.stringify(review), uid: review.request.uid, answer: JSON.stringify(answer) };
}
