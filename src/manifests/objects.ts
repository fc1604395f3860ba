import { type Decision, decide, GATEWAY_LABELS, KINDS, type ObjectMeta, type Reverse } from '../admission/gateway.ts';
import { isAdmissionReview, isRecord, reviewProblem } from '../admission/review.ts';

/** Where a value stands in a document: keys and list indexes from the root. */
export type Path = readonly (string | number)[];

/** An object of a document, and the decision of the rule. */
export interface ReviewedObject {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly generateName: string | undefined;
  readonly decision: Decision;
  /** The path of the object in its document. */
  readonly path: Path;
}

/** A value that is not allowed at its place in a manifest or review. */
class ManifestError extends Error {
  readonly path: Path;

  constructor(message: string, path: Path) {
    super(message);
    this.path = path;
  }
}

/** The objects of a document, and why others cannot be reviewed or stored. */
export interface FoundObjects {
  readonly objects: readonly ReviewedObject[];
  readonly problems: readonly ManifestError[];
}

/** The only kinds that get labels. */
const LABELLED_KINDS: ReadonlySet<string> = new Set(KINDS);

/** More than a document can contain without repetition by aliases. */
const MOST_VALUES = 1_000_000;

/**
 * Reviews the objects of one parsed document: a manifest, a List, or an AdmissionReview. Other kinds are left out.
 * `kindOfItem` is for an item of a list: the kind that it need not name.
 */
export function reviewObjects(document: unknown, reverse: Reverse, kindOfItem?: string): FoundObjects {
  const found = { objects: [] as ReviewedObject[], problems: [] as ManifestError[] };
  let left = MOST_VALUES;
  collect(document, [], kindOfItem);
  return found;

  function collect(value: unknown, path: Path, kindOfItem: string | undefined): void {
    if (left === 0) return;
    left -= 1;
    if (left === 0) found.problems.push(new ManifestError('too many objects, possibly from aliases of aliases', path));
    try {
      if (value !== null && value !== undefined) collectObject(typed(value, path, kindOfItem), path);
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      found.problems.push(error);
    }
  }

  function collectObject({ kind, apiVersion, object }: TypedObject, path: Path): void {
    if (kind === 'AdmissionReview') {
      add(...reviewedRequest(object, path));
    } else if (kind.endsWith('List') && Array.isArray(object['items'])) {
      const kindOfItem = itemKind(kind);
      for (const [index, item] of object['items'].entries()) collect(item, [...path, 'items', index], kindOfItem);
    } else if (apiVersion === 'v1' && LABELLED_KINDS.has(kind)) {
      add(kind, metadataOf(object, path), path);
    }
  }

  function add(kind: string, metadata: Metadata, path: Path): void {
    const { name, namespace, generateName, problem } = metadata;
    if (problem) found.problems.push(problem);
    found.objects.push({ kind, namespace, name, generateName, decision: decide(metadata, reverse), path });
  }
}

/** Items of a PodList, for example, may omit their kind. */
export function itemKind(kindOfList: string): string | undefined {
  return kindOfList.slice(0, -'List'.length) || undefined;
}

interface TypedObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly object: Record<string, unknown>;
}

/** An object with its type; an item of a list may leave that to the list. */
function typed(object: unknown, path: Path, kindOfItem: string | undefined): TypedObject {
  if (!isRecord(object)) throw new ManifestError('expected a Kubernetes object', path);
  const { kind = kindOfItem, apiVersion = kindOfItem && 'v1' } = object;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') {
    throw new ManifestError('expected a Kubernetes object with apiVersion and kind', path);
  }
  return { kind, apiVersion, object };
}

function reviewedRequest(review: Record<string, unknown>, path: Path): [string, Metadata, Path] {
  if (!isAdmissionReview(review)) throw new ManifestError(String(reviewProblem(review)), path);
  const { request } = review;
  const objectPath = [...path, 'request', 'object'];
  const metadata = metadataOf(request.object ?? {}, objectPath);
  const names = { name: request.name || metadata.name, namespace: request.namespace ?? metadata.namespace };
  return [request.kind?.kind ?? 'unknown', { ...metadata, ...names }, objectPath];
}

interface Metadata extends ObjectMeta {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly generateName: string | undefined;
  /** A gateway-name label that is no string. */
  readonly problem: ManifestError | undefined;
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
    annotations: stringsOf(metadata['annotations'], [...path, 'metadata', 'annotations']),
    ...labelsOf(metadata['labels'], [...path, 'metadata', 'labels']),
  };
}

/** Labels as strings. A gateway-name label that is not a string becomes the only one, and empty: the rule calls that invalid. */
function labelsOf(value: unknown, path: Path): Pick<Metadata, 'labels' | 'problem'> {
  const gatewayLabels = Object.values<string>(GATEWAY_LABELS);
  const wrong = isRecord(value) ? gatewayLabels.find((key) => isNoString(value, key)) : undefined;
  if (wrong === undefined) return { labels: stringsOf(value, path), problem: undefined };

  const others = Object.entries(Object(value)).filter(([key]) => !gatewayLabels.includes(key));
  const labels = { ...stringsOf(Object.fromEntries(others), path), [wrong]: '' };
  return { labels, problem: notAString(wrong, Object(value)[wrong], path) };
}

function isNoString(map: Record<string, unknown>, key: string): boolean {
  return Object.hasOwn(map, key) && typeof map[key] !== 'string';
}

/** A map of strings, as the API server decodes it: null becomes the empty string, other types are rejected. */
function stringsOf(value: unknown, path: Path): Record<string, string> {
  if (value === null || value === undefined) return {};
  if (!isRecord(value)) throw new ManifestError(`${path.at(-1)} is not a mapping`, path);
  const entries = Object.entries(value).map(([key, text]): [string, string] => {
    if (text !== null && typeof text !== 'string') throw notAString(key, text, path);
    return [key, text ?? ''];
  });
  return Object.fromEntries(entries);
}

function notAString(key: string, value: unknown, path: Path): ManifestError {
  const read = typeof value === 'object' && value !== null ? 'not a string' : `read as ${value}, not as a string`;
  return new ManifestError(`the value of ${key} is ${read}: put it in quotes`, [...path, key]);
}
