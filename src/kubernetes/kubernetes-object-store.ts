import type { Label } from '../admission/gateway.ts';
import { addLabel } from '../admission/patch.ts';
import type { Labels } from '../objects/label-selector.ts';
import { LABEL_MANAGER, managersOf } from '../objects/managed-fields.ts';
import type { ObjectReference, ObjectStore, Written } from '../objects/object-store.ts';
import type { StoredMetadata, StoredObject } from '../objects/stored-object.ts';
import type { ApiRequest } from './api-caller.ts';
import { type ApiClient, BULK_TIMEOUT_MS } from './api-client.ts';
import { ApiError, isOfWebhook } from './api-error.ts';
import { type Listed, listed } from './listed.ts';
import { podSelecting, type SelectingObject } from './pod-selecting.ts';
import { listPath } from './resources.ts';
import { type RetryOptions, retrying } from './retrying.ts';

/** Only the metadata of lists and objects: whole Pods are ten times as large. */
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

interface ListedNamespace {
  readonly metadata: { readonly uid: string; readonly name: string; readonly labels?: Labels };
}

/** A write may succeed although its answer is lost: the next try then conflicts with it. */
interface RepeatedLabel extends Label {
  readonly isRepeated: boolean;
}

/** The objects of a cluster. Temporary failures are retried. */
export function kubernetesObjectStore(client: ApiClient, options: RetryOptions): ObjectStore {
  const retry = retrying(client, options);

  const list = <T extends Listed>(request: ApiRequest, limit?: number): AsyncIterable<T> =>
    listed<T>({
      ask: (page) =>
        retry(() => client.list({ ...request, query: { ...request.query, ...page }, timeoutMs: BULK_TIMEOUT_MS })),
      limit,
      signal: options.signal,
    });

  async function get(reference: ObjectReference): Promise<StoredObject | undefined> {
    const request = { path: objectPath(reference), accept: METADATA };
    const found = await retry(() => client.get<{ metadata: StoredMetadata }>(request));
    return found && { kind: reference.kind, metadata: found.metadata };
  }

  /** Why a write failed. Rejects if all writes would fail. */
  async function unwritten(error: ApiError, { kind, metadata }: StoredObject, label: RepeatedLabel): Promise<Written> {
    if (error.code === 404) return 'gone';
    const isConflict = error.code === 409;
    if (isConflict && !label.isRepeated) return 'conflict';
    if (!isConflict && !isOfTheObject(error)) throw error;

    // The API server compares versions after applying the patch, which fails if the object has lost all labels.
    const { namespace, name, resourceVersion } = metadata;
    const now = await get({ kind, namespace, name });
    if (!now) return 'gone';
    if (now.metadata.resourceVersion === resourceVersion) return { refused: error.message };
    return isConflict && hasOurs(now.metadata, label) ? 'added' : 'conflict';
  }

  return {
    async *list({ kind, namespace, labelSelector, limit }) {
      const request = { path: listPath(kind, namespace), query: { labelSelector }, accept: METADATA_LIST };
      // The items of a list have no kind.
      for await (const { metadata } of list<{ metadata: StoredMetadata }>(request, limit)) {
        yield { kind, metadata };
      }
    },

    get,

    async addLabel(object, label, { dryRun }) {
      const { namespace, name, resourceVersion } = object.metadata;
      const request = {
        path: objectPath({ kind: object.kind, namespace, name }),
        query: { fieldManager: LABEL_MANAGER, ...(dryRun && { dryRun: 'All' }) },
        accept: METADATA,
      };
      let tries = 0;
      const patch = () => {
        tries += 1;
        return client.patch(request, guardedPatch(label, resourceVersion));
      };
      try {
        await retry(patch);
        return 'added';
      } catch (error) {
        if (error instanceof ApiError) return unwritten(error, object, { ...label, isRepeated: tries > 1 });
        throw error;
      }
    },

    async *namespaces(labelSelector) {
      const request = { path: listPath('Namespace', undefined), query: { labelSelector }, accept: METADATA_LIST };
      for await (const { metadata } of list<ListedNamespace>(request)) {
        yield { name: metadata.name, labels: metadata.labels ?? {} };
      }
    },

    async *podSelecting(kind, namespace) {
      for await (const object of list<SelectingObject>({ path: listPath(kind, namespace) })) {
        yield podSelecting(kind, object);
      }
    },
  };
}

function objectPath({ kind, namespace, name }: ObjectReference): string {
  return `${listPath(kind, namespace)}/${name}`;
}

/**
 * Adds a label to exactly this version of an object, because `add` would overwrite an existing label. Not with a `test`
 * operation: that fails with 422, like an invalid object; a wrong version fails with 409.
 */
function guardedPatch(label: Label, resourceVersion: string): readonly object[] {
  return [{ op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion }, ...addLabel(label)];
}

/**
 * Reports whether a refusal concerns only this object: it is invalid, or admission (a policy, a webhook, a quota) denies the
 * change. Without permission, all writes are refused: authorization errors contain these words.
 */
function isOfTheObject(error: ApiError): boolean {
  const { code, message } = error;
  return (
    code === 400 || code === 422 || isOfWebhook(error) || (code === 403 && !message.includes('is forbidden: User "'))
  );
}

/** Reports whether an object has a label that this program set. */
function hasOurs(metadata: StoredMetadata, { key, value }: Label): boolean {
  return metadata.labels?.[key] === value && managersOf(metadata, key).some(({ manager }) => manager === LABEL_MANAGER);
}
