import type { Reason } from './gateway.ts';
import { API_VERSION, KIND, problemOf, REVIEW_SCHEMA } from './review-schema.ts';

/**
 * What this webhook reads of a request (`AdmissionReview` of `admission.k8s.io/v1`). The API server sends much more;
 * only what an answer needs is required.
 */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind?: { readonly kind: string };
  readonly namespace?: string;
  readonly name?: string;
  readonly operation?: string;
  readonly dryRun?: boolean | null;
  /** Null for DELETE. */
  readonly object?: { readonly metadata?: AdmissionObjectMeta } | null;
}

/** What is read of the object's metadata: of labels and annotations, those that the rule reads. */
interface AdmissionObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly deletionTimestamp?: string | null;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
}

export interface AdmissionReviewRequest {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: typeof KIND;
  readonly request: AdmissionRequest;
}

/** The answer to one admission request (`AdmissionResponse` of `admission.k8s.io/v1`). */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: true;
  /** The API server takes both or neither. The patch is base64 of its JSON. */
  readonly patchType?: 'JSONPatch';
  readonly patch?: string;
  /** Stored in the audit log as `<webhook's name>/reason`. */
  readonly auditAnnotations: { readonly reason: Reason };
  /** Shown to the client, at most 120 characters each and without control characters. */
  readonly warnings?: readonly string[];
}

export interface AdmissionReviewResponse {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: typeof KIND;
  readonly response: AdmissionResponse;
}

/** Wraps a response in the AdmissionReview that the API server expects back. */
export function reviewOf(response: AdmissionResponse): AdmissionReviewResponse {
  return { apiVersion: API_VERSION, kind: KIND, response };
}

/** Reports whether a value is an AdmissionReview of v1 with a request in it. Does not change the value. */
export function isAdmissionReview(value: unknown): value is AdmissionReviewRequest {
  return reviewProblem(value) === undefined;
}

/** Says in one sentence why a value is not an AdmissionReview of v1, and what was expected; undefined if it is one. */
export function reviewProblem(value: unknown): string | undefined {
  return isRecord(value) ? problemOf(value, REVIEW_SCHEMA) : `expected an AdmissionReview of ${API_VERSION}`;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
