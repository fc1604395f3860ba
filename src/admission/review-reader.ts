import { fieldOf } from './json-field.ts';
import { type AdmissionRequest, isAdmissionReview, reviewProblem } from './review.ts';
import { LONGEST_NAME, REVIEW_SCHEMA } from './review-schema.ts';
import { type JsonFault, SparseJson } from './sparse-json.ts';

/** Why a body gets no admission response. */
export interface ReviewFault {
  readonly kind: JsonFault['kind'] | 'review';
  readonly message: string;
}

type ReadReview =
  | { readonly request: AdmissionRequest; readonly fault?: never }
  | { readonly request?: never; readonly fault: ReviewFault };

const REVIEW = fieldOf(REVIEW_SCHEMA);

/** One more than is used, to detect longer values. */
const READ_CHARACTERS = LONGEST_NAME + 1;

/**
 * Reads an AdmissionReview from a stream, and only keeps what the rule, the answer and the log need, so its memory does not
 * depend on the size of the review. It keeps the first 254 characters of each string.
 */
export class ReviewReader {
  readonly #json = new SparseJson(REVIEW, READ_CHARACTERS);

  /** Reads a chunk. Returns a fault as soon as there is one; then stop reading. */
  write(chunk: Buffer): ReviewFault | undefined {
    return this.#json.write(chunk);
  }

  /** Call it at the end. Returns the request, or what is wrong with the review as a whole. */
  end(): ReadReview {
    const fault = this.#json.end();
    if (fault) return { fault };
    const { value } = this.#json;
    if (isAdmissionReview(value)) return { request: value.request };
    return { fault: { kind: 'review', message: String(reviewProblem(value)) } };
  }
}
