import fastJsonPatch, { type Operation } from 'fast-json-patch';
import type { Kind } from '../../src/admission/gateway.ts';
import type { StoredObject } from '../../src/objects/stored-object.ts';
import { type Answer, type ReceivedRequest, startApiServer, writeKubeconfig } from './api-server.ts';
import { environment } from './environment.ts';
import type { MemoryObjectStore } from './memory-object-store.ts';

const KINDS: Readonly<Record<string, Kind>> = { pods: 'Pod', services: 'Service', serviceaccounts: 'ServiceAccount' };

interface StoreApiOptions {
  /** Objects that select Pods, by resource name, as the API server returns them. */
  readonly selecting?: Readonly<Record<string, readonly object[]>>;
  /** The chart's webhook configurations; none by default. */
  readonly configurations?: readonly object[];
  /** Overrides the answer. */
  readonly refuse?: (request: ReceivedRequest) => Answer | undefined | Promise<Answer | undefined>;
}

const NOT_FOUND: Answer = [404, { message: 'not found' }];

/** An API server with the objects of a store. The environment's kubeconfig points to it; its context has no namespace. */
export async function startStoreApi(
  store: MemoryObjectStore,
  { selecting = {}, configurations = [], refuse = () => undefined }: StoreApiOptions = {},
) {
  const page = pager(store);
  const answer = async (request: ReceivedRequest): Promise<Answer> => {
    const refusal = await refuse(request);
    if (refusal) return refusal;
    if (request.path.includes('/admissionregistration.k8s.io/')) return registered(request, configurations);
    const [, namespace, resource = '', name] =
      /^\/apis?(?:\/[\w.]+)?\/v1(?:\/namespaces\/([\w-]+)(?=\/))?\/(\w+)(?:\/([\w.-]+))?$/.exec(request.path) ?? [];
    const kind = KINDS[resource];
    if (resource === 'namespaces') return namespaces(store, request);
    if (kind && namespace !== undefined && name !== undefined) {
      return one(store, request, { kind, namespace, name });
    }
    if (kind && request.query['labelSelector'] !== undefined) return page(request, kind, namespace);
    const items = (selecting[resource] ?? []).filter(
      (object) => namespace === undefined || (object as StoredObject).metadata.namespace === namespace,
    );
    return [200, { metadata: {}, items }];
  };
  const api = await startApiServer(answer);
  environment({ KUBECONFIG: writeKubeconfig({ server: api.url, ca: api.ca }) });
  return api;
}

function registered({ path }: ReceivedRequest, configurations: readonly object[]): Answer {
  return path.endsWith('/mutatingwebhookconfigurations') ? [200, { metadata: {}, items: configurations }] : NOT_FOUND;
}

async function namespaces(store: MemoryObjectStore, { query }: ReceivedRequest): Promise<Answer> {
  const found = await Array.fromAsync(store.namespaces(query['labelSelector'] ?? ''));
  return [200, { metadata: {}, items: found.map((metadata) => ({ metadata: { uid: metadata.name, ...metadata } })) }];
}

/** Returns pages of the objects as they were at the time of the first page. */
function pager(store: MemoryObjectStore) {
  const rests = new Map<string, StoredObject[]>();
  const all = (kind: Kind, namespace: string | undefined, labelSelector = '') =>
    Array.fromAsync(store.list({ kind, namespace, labelSelector, limit: Number.MAX_SAFE_INTEGER }));
  return async ({ query }: ReceivedRequest, kind: Kind, namespace: string | undefined): Promise<Answer> => {
    const left = rests.get(query['continue'] ?? '') ?? (await all(kind, namespace, query['labelSelector']));
    const size = Math.min(Number(query['limit']), store.pageSize);
    const token = left.length > size ? `token-${rests.size + 1}` : undefined;
    if (token !== undefined) rests.set(token, left.slice(size));
    return [200, { metadata: { continue: token }, items: left.slice(0, size).map(({ metadata }) => ({ metadata })) }];
  };
}

async function one(
  store: MemoryObjectStore,
  { method, query, body }: ReceivedRequest,
  reference: Parameters<MemoryObjectStore['get']>[0],
): Promise<Answer> {
  if (method === 'GET') {
    const found = await store.get(reference);
    return found ? [200, { metadata: found.metadata }] : NOT_FOUND;
  }
  const key = `${reference.kind}/${reference.namespace}/${reference.name}`;
  const stored = store.objects.find(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}` === key);
  if (!stored) return NOT_FOUND;
  const patched = fastJsonPatch.applyPatch(stored, body as Operation[], true, false).newDocument;
  const [label] = Object.entries(patched.metadata.labels ?? {}).filter(
    ([name, value]) => stored.metadata.labels?.[name] !== value,
  );
  const [labelKey = '', value = ''] = label ?? [];
  const written = await store.addLabel(patched, { key: labelKey, value }, { dryRun: query['dryRun'] === 'All' });
  if (written === 'added') return [200, { metadata: patched.metadata }];
  if (written === 'gone') return NOT_FOUND;
  if (written === 'conflict') return [409, { message: 'the object has been modified' }];
  return [422, { message: written.refused }];
}
