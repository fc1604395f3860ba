import { decide, type Reverse } from '../../src/admission/gateway.ts';
import { callApi } from '../cluster/api.ts';
import { type KubernetesObject, objectOf } from '../cluster/objects.ts';
import { type AnyMap, type AnyObject, MIRROR_POD } from './any-object.ts';

/** The outcome of an attempt to write an object, without the parts that depend on the namespace. */
export interface Outcome {
  readonly refused?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly deleting?: boolean;
}

/** Creates an object in a dry run. */
export function createByDryRun(object: AnyObject, namespace: string): Promise<Outcome> {
  return attempt('POST', `${collectionOf(object, namespace)}?dryRun=All`, manifestOf(object), namespace);
}

/** Replaces all labels of an existing object in a dry run. */
export function relabelByDryRun(object: AnyObject, name: string, labels: AnyMap, namespace: string): Promise<Outcome> {
  const patch = [{ op: 'add', path: '/metadata/labels', value: labels ?? null }];
  const path = `${collectionOf(object, namespace)}/${name}?dryRun=All`;
  return attempt('PATCH', path, patch, namespace, { 'content-type': 'application/json-patch+json' });
}

/** The smallest object that the API server may accept with this metadata. */
export function manifestOf({ kind, unnamed, labels, annotations }: AnyObject): KubernetesObject {
  const name = unnamed ? { generateName: 'eg-' } : { name: 'eg' };
  const object = objectOf(kind, { ...name, labels, annotations } as KubernetesObject['metadata']);
  if (kind !== 'Pod' || annotations?.[MIRROR_POD] === undefined) return object;
  // The API server refuses a mirror Pod without a node.
  return { ...object, spec: { ...(object['spec'] as object), nodeName: 'node' } };
}

/** The path of the collection that an object belongs to. */
export function collectionOf({ kind }: Pick<AnyObject, 'kind'>, namespace: string): string {
  return `/api/v1/namespaces/${namespace}/${kind.toLowerCase()}s`;
}

/** Applies the rule to the outcome without an engine. A refused object stays refused. */
export function byRule(outcome: Outcome, reverse: Reverse): Outcome {
  const { refused, labels = {}, annotations = {}, deleting } = outcome;
  if (refused !== undefined) return outcome;
  const { add } = decide({ labels, annotations, deletionTimestamp: deleting ? 'now' : null }, reverse);
  return { ...outcome, labels: add ? { ...labels, [add.key]: add.value } : labels };
}

async function attempt(
  method: string,
  path: string,
  content: unknown,
  namespace: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const { status, body } = await callApi(method, path, content, headers);
  if (status >= 400) return { refused: refusalOf(status, body as Status).replaceAll(namespace, 'NAMESPACE') };
  const { labels = {}, annotations = {}, deletionTimestamp } = (body as KubernetesObject).metadata;
  return { labels, annotations: annotations as Record<string, string>, deleting: deletionTimestamp !== undefined };
}

interface Status {
  readonly message: string;
  readonly details?: { readonly causes?: readonly { readonly field: string; readonly message: string }[] };
}

/** Sorts the causes, because the API server lists them in the random order of a Go map, and removes generated names. */
function refusalOf(status: number, { message, details }: Status): string {
  const causes = details?.causes?.map((cause) => `${cause.field}: ${cause.message}`).sort();
  return [status, ...(causes ?? [message.replace(/"eg-[a-z0-9]{5}"/, '"eg-"')])].join('\n');
}
