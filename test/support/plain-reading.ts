import type { AdmissionRequest } from '../../src/admission/review.ts';

/** The result for a body: a request, not JSON, or JSON that is not a review. */
export type Reading = { readonly request: AdmissionRequest } | { readonly refused: 'text' | 'review' };

const LABELS = [
  'gateway.networking.k8s.io/gateway-name',
  'gateway.envoyproxy.io/owning-gateway-name',
  'gateway-name-webhook/ignore',
  'app.kubernetes.io/managed-by',
];
const ANNOTATIONS = ['kubernetes.io/config.mirror'];

// Rejects invalid UTF-8, unlike decoding a Buffer.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

type Json = Readonly<Record<string, unknown>>;

/** JSON has no undefined: missing fields are absent. */
type Present<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

class NoReview extends Error {}

/** Reads a review in the simplest way: JSON.parse, then field by field. The oracle for the reader. */
export function plainReading(body: Uint8Array): Reading {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(body));
  } catch {
    return { refused: 'text' };
  }
  try {
    return { request: requestOf(value) };
  } catch (error) {
    if (error instanceof NoReview) return { refused: 'review' };
    throw error;
  }
}

function requestOf(value: unknown): AdmissionRequest {
  const { apiVersion, kind, request } = object(value);
  demand(apiVersion === 'admission.k8s.io/v1' && kind === 'AdmissionReview');
  const { uid, kind: objectKind, namespace, name, operation, dryRun, object: reviewed } = object(request);
  demand(typeof uid === 'string' && uid.length >= 1 && uid.length <= 253);
  demand(dryRun === undefined || dryRun === null || typeof dryRun === 'boolean');
  return present({
    uid,
    kind: objectKind === undefined ? undefined : { kind: text(object(objectKind)['kind']) ?? missing() },
    namespace: text(namespace),
    name: text(name),
    operation: text(operation),
    dryRun,
    object: reviewed === undefined || reviewed === null ? reviewed : reviewedObject(object(reviewed)),
  });
}

function reviewedObject({ metadata }: Json): object {
  if (metadata === undefined) return {};
  const { name, generateName, deletionTimestamp, labels, annotations } = object(metadata);
  return {
    metadata: present({
      name: text(name),
      generateName: text(generateName),
      deletionTimestamp: deletionTimestamp === null ? null : text(deletionTimestamp),
      labels: mapOf(labels, LABELS),
      annotations: mapOf(annotations, ANNOTATIONS),
    }),
  };
}

function mapOf(value: unknown, keys: readonly string[]): object | null | undefined {
  if (value === undefined || value === null) return value;
  const map = object(value);
  return present(Object.fromEntries(keys.map((key) => [key, text(map[key])])));
}

function object(value: unknown): Json {
  demand(typeof value === 'object' && value !== null && !Array.isArray(value));
  return value as Json;
}

/** The reader keeps no more than this much of a string. */
function text(value: unknown): string | undefined {
  demand(value === undefined || typeof value === 'string');
  return value === undefined ? undefined : (value as string).slice(0, 254);
}

function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}

function missing(): never {
  throw new NoReview();
}

function demand(isRight: boolean): asserts isRight {
  if (!isRight) missing();
}
