import { type Decision, decide, KINDS, type ObjectMeta, type Reverse } from '../admission/gateway.ts';
import { type AdmissionReviewRequest, isAdmissionReview, isRecord, reviewProblem } from '../admission/review.ts';

/** Where a value stands in a document: keys and list indexes from the root. */
export type Path = readonly (string | number)[];

/** An object of a document and what the rule says of it. */
export interface ReviewedObject {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly generateName: string | undefined;
  readonly decision: Decision;
  /** Of the object, in its document. */
  readonly path: Path;
}

/** A value that is not what a manifest or a review may hold there. */
export class ManifestError extends Error {
  readonly path: Path;

  constructor(message: string, path: Path) {
    super(message);
    this.path = path;
  }
}

/** Nothing else of a manifest ever gets a label. */
const LABELLED_KINDS: ReadonlySet<string> = new Set(KINDS);

/**
 * Reviews the objects of one parsed document: a manifest, a List, or an AdmissionReview. Other kinds are left out.
 *
 * Throws a ManifestError for what is neither.
 */
export function reviewObjects(document: unknown, reverse: Reverse): ReviewedObject[] {
  return [...objectsIn(document, [], undefined, reverse)];
}

function* objectsIn(
  value: unknown,
  path: Path,
  kindOfItem: string | undefined,
  reverse: Reverse,
): Generator<ReviewedObject> {
  if (value === null || value === undefined) return;
  const { kind, apiVersion, object } = typed(value, path, kindOfItem);
  if (kind === 'AdmissionReview') {
    if (!isAdmissionReview(object)) throw new ManifestError(reviewProblem(object), path);
    yield reviewedRequest(object, path, reverse);
  } else if (kind.endsWith('List') && Array.isArray(object['items'])) {
    // The items of a PodList, say, name no kind of their own.
    const itemKind = kind.slice(0, -'List'.length) || undefined;
    for (const [index, item] of object['items'].entries())
      yield* objectsIn(item, [...path, 'items', index], itemKind, reverse);
  } else if (apiVersion === 'v1' && LABELLED_KINDS.has(kind)) {
    yield reviewed(kind, metadataOf(object, path), path, reverse);
  }
}

/** An object with its type; an item of a list may leave that to the list. */
function typed(object: unknown, path: Path, kindOfItem: string | undefined) {
  if (!isRecord(object)) throw new ManifestError('expected a Kubernetes object', path);
  const { kind = kindOfItem, apiVersion = kindOfItem && 'v1' } = object;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') {
    throw new ManifestError('expected a Kubernetes object with apiVersion and kind', path);
  }
  return { kind, apiVersion, object };
}

function reviewedRequest({ request }: AdmissionReviewRequest, path: Path, reverse: Reverse): ReviewedObject {
  const metadata = metadataOf(request.object ?? {}, [...path, 'request', 'object']);
  const names = {
    name: request.name || metadata.name,
    namespace: request.namespace ?? metadata.namespace,
  };
  const kind = request.kind?.kind ?? 'unknown';
  return reviewed(kind, { ...metadata, ...names }, [...path, 'request', 'object'], reverse);
}

function reviewed(kind: string, metadata: Metadata, path: Path, reverse: Reverse): ReviewedObject {
  const { name, namespace, generateName } = metadata;
  return { kind, namespace, name, generateName, decision: decide(metadata, reverse), path };
}

interface Metadata extends ObjectMeta {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly generateName: string | undefined;
}

function metadataOf(object: Record<string, unknown>, path: Path): Metadata {
  const metadata = object['metadata'] ?? {};
  if (!isRecord(metadata)) throw new ManifestError('metadata is not a mapping', [...path, 'metadata']);
  const text = (key: string) => (typeof metadata[key] === 'string' ? metadata[key] : undefined);
  return {
    name: text('name'),
    namespace: text('namespace'),
    generateName: text('generateName'),
    deletionTimestamp: metadata['deletionTimestamp'] ? String(metadata['deletionTimestamp']) : null,
    labels: stringsOf(metadata['labels'], [...path, 'metadata', 'labels']),
    annotations: stringsOf(metadata['annotations'], [...path, 'metadata', 'annotations']),
  };
}

/** A map of strings, as the API server decodes it: null becomes the empty string, anything else is refused. */
function stringsOf(value: unknown, path: Path): Record<string, string> {
  if (value === null || value === undefined) return {};
  if (!isRecord(value)) throw new ManifestError(`${path.at(-1)} is not a mapping`, path);
  const entries = Object.entries(value).map(([key, text]): [string, string] => {
    if (text !== null && typeof text !== 'string') {
      throw new ManifestError(`${key} is ${JSON.stringify(text)}, expected a string: put it in quotes`, [...path, key]);
    }
    return [key, text ?? ''];
  });
  return Object.fromEntries(entries);
}
