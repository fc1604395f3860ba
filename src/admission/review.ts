import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Reason } from './gateway.ts';

const API_VERSION = 'admission.k8s.io/v1';
const KIND = 'AdmissionReview';

const StringMap = Type.Record(Type.String(), Type.String());
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * What this webhook reads of a request (`AdmissionReview` of `admission.k8s.io/v1`). The API server sends much more;
 * only what an answer cannot do without is required.
 */
export const AdmissionReviewRequest = Type.Object({
  apiVersion: Type.Literal(API_VERSION),
  kind: Type.Literal(KIND),
  request: Type.Object({
    uid: Type.String({ minLength: 1 }),
    kind: Type.Optional(Type.Object({ kind: Type.String() })),
    namespace: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
    operation: Type.Optional(Type.String()),
    dryRun: Type.Optional(nullable(Type.Boolean())),
    // Null for DELETE.
    object: Type.Optional(
      nullable(
        Type.Object({
          metadata: Type.Optional(
            Type.Object({
              name: Type.Optional(Type.String()),
              generateName: Type.Optional(Type.String()),
              labels: Type.Optional(nullable(StringMap)),
              annotations: Type.Optional(nullable(StringMap)),
              deletionTimestamp: Type.Optional(nullable(Type.String())),
            }),
          ),
        }),
      ),
    ),
  }),
});
export type AdmissionReviewRequest = Static<typeof AdmissionReviewRequest>;
export type AdmissionRequest = AdmissionReviewRequest['request'];

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

const validator = Compile(AdmissionReviewRequest);

/** Tells whether a value is an AdmissionReview of v1 with a request in it. Looks only: nothing is changed or removed. */
export function isAdmissionReview(value: unknown): value is AdmissionReviewRequest {
  return validator.Check(value);
}

/** Says in one sentence why a value is no AdmissionReview of v1, and what was expected. */
export function reviewProblem(value: unknown): string {
  if (!isRecord(value)) return `expected an AdmissionReview of ${API_VERSION}, not ${typeName(value)}`;
  for (const [key, expected] of Object.entries({ apiVersion: API_VERSION, kind: KIND })) {
    if (value[key] !== expected) return `${key} is ${shown(value[key])}, expected "${expected}"`;
  }
  return validator
    .Errors(value)
    .filter(({ keyword }) => keyword !== 'anyOf') // it only repeats what its branches say
    .map(({ instancePath, message }) => `${dotted(instancePath)} ${message}`.slice(0, 200))
    .slice(0, 1)
    .join();
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

/** Shortened: the value may be megabytes of somebody's object. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : typeName(value);
}

/** Writes a JSON Pointer as people write a path: `request.object.metadata`. */
function dotted(pointer: string): string {
  const path = pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  return path === '' ? 'it' : path;
}
