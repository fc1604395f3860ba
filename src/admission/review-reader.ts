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

/** One more than what is used: what was longer shows. */
const READ_CHARACTERS = LONGEST_NAME + 1;

/**
 * Reads an AdmissionReview as it streams by, and keeps of it what the rule, the answer and the log need: so much, however
 * large it is. Of each string it keeps the first 254 characters.
 */
export class ReviewReader {
  readonly #json = new SparseJson(REVIEW, READ_CHARACTERS);

  /** Reads on. Returns what is wrong as soon as that is certain: there is nothing to read on for then. */
  write(chunk: Buffer): ReviewFault | undefined {
    return this.#json.write(chunk);
  }

  /** To be called at the end. Returns the request, or what is wrong with the review as a whole. */
  end(): ReadReview {
    const fault = this.#json.end();
    if (fault) return { fault };
    const { value } = this.#json;
    if (isAdmissionReview(value)) return { request: value.request };
    return { fault: { kind: 'review', message: String(reviewProblem(value)) } };
  }
}
