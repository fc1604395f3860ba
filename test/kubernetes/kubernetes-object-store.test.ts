import { describe, expect, test } from 'vitest';
import { kubernetesObjectStore } from '../../src/kubernetes/kubernetes-object-store.ts';
import type { RetryOptions } from '../../src/kubernetes/retrying.ts';
import type { ObjectQuery } from '../../src/objects/object-store.ts';
import type { StoredObject } from '../../src/objects/stored-object.ts';
import { clientOf, status } from '../support/api-client.ts';
import type { Answer, ReceivedRequest, startApiServer } from '../support/api-server.ts';

const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

const LABEL = { key: 'gateway.networking.k8s.io/gateway-name', value: 'eg' };

/** The store for an API server with the given answers. `waits` collects the pauses of its retries. */
async function storeOf(answer: Parameters<typeof startApiServer>[0], options: RetryOptions = {}) {
  const server = await clientOf(answer);
  const waits: number[] = [];
  const wait = async (ms: number) => {
    waits.push(ms);
  };
  return { ...server, waits, store: kubernetesObjectStore(server.client, { wait, ...options }) };
}

/** Returns these answers in this order. */
function inTurn(...answers: readonly Answer[]) {
  const left = [...answers];
  return () => left.shift() ?? expect.fail('unexpected request');
}

function item(uid: string, metadata: object = {}) {
  return { metadata: { namespace: 'n', name: uid, uid, resourceVersion: '1', ...metadata } };
}

function page(uids: readonly string[], next?: string): Answer {
  return [200, { metadata: { continue: next }, items: uids.map((uid) => item(uid)) }];
}

/** Announces the whole answer, and closes the connection after half of it. */
function half([code, body]: readonly [number, unknown]): Answer {
  const text = JSON.stringify(body);
  return (response) => {
    response.writeHead(code, { 'content-length': text.length }).write(text.slice(0, text.length / 2));
    setImmediate(() => response.destroy());
  };
}

const PODS: ObjectQuery = { kind: 'Pod', namespace: undefined, labelSelector: 'a,!b' };

async function uidsOf(list: AsyncIterable<StoredObject>): Promise<string[]> {
  return (await Array.fromAsync(list)).map(({ metadata }) => metadata.uid);
}

function queries(requests: readonly ReceivedRequest[]) {
  return requests.map(({ query }) => query['continue'] ?? 'the start');
}

describe('kubernetesObjectStore() lists', () => {
  test('with a longer timeout than for a single object', async () => {
    const { client } = await clientOf(
      () => (response) => {
        setTimeout(() => response.end(JSON.stringify({ metadata: {}, items: [item('a')] })), 200);
      },
      100,
    );
    const store = kubernetesObjectStore(client, {
      wait: () => Promise.reject(new Error('unexpected retry')),
    });
    expect(await uidsOf(store.list(PODS))).toEqual(['a']);
    await expect(client.get({ path: '/' })).rejects.toThrow('no answer within 0.1 s');
  });

  test('the metadata of objects that the API server selects, each with its kind', async () => {
    const { store, requests } = await storeOf(inTurn(page(['a'], 'n1'), page(['b'])));
    expect(await Array.fromAsync(store.list({ ...PODS, limit: 1 }))).toStrictEqual([
      { kind: 'Pod', ...item('a') },
      { kind: 'Pod', ...item('b') },
    ]);
    expect(requests).toMatchObject([
      { method: 'GET', path: '/api/v1/pods', headers: { accept: METADATA_LIST } },
      { method: 'GET', path: '/api/v1/pods', headers: { accept: METADATA_LIST } },
    ]);
    expect(requests.map(({ query }) => query)).toEqual([
      { labelSelector: 'a,!b', limit: '1' },
      { labelSelector: 'a,!b', limit: '1', continue: 'n1' },
    ]);
  });

  test.for([
    { kind: 'Pod', namespace: 'n', path: '/api/v1/namespaces/n/pods' },
    { kind: 'Service', namespace: undefined, path: '/api/v1/services' },
    { kind: 'ServiceAccount', namespace: 'n', path: '/api/v1/namespaces/n/serviceaccounts' },
  ] as const)('$path', async ({ kind, namespace, path }) => {
    const { store, requests } = await storeOf(inTurn(page(['a'])));
    expect(await Array.fromAsync(store.list({ kind, namespace, labelSelector: '' }))).toMatchObject([{ kind }]);
    expect(requests).toMatchObject([{ path, query: { limit: '500' } }]);
  });

  test('a truncated page again, with the same token', async () => {
    const second = [200, { metadata: {}, items: ['c', 'd'].map((uid) => item(uid)) }] as const;
    const { store, requests, waits } = await storeOf(inTurn(page(['a', 'b'], 'n1'), half(second), second));
    expect(await uidsOf(store.list(PODS))).toEqual(['a', 'b', 'c', 'd']);
    expect(queries(requests)).toEqual(['the start', 'n1', 'n1']);
    expect(waits).toHaveLength(1);
  });

  test('a temporarily refused page again, after the given time', async () => {
    const busy: Answer = (response) => response.writeHead(429, { 'retry-after': '7' }).end();
    const { store, requests, waits } = await storeOf(inTurn(busy, page(['a'], 'n1'), status(500, 'etcd'), page(['b'])));
    expect(await uidsOf(store.list(PODS))).toEqual(['a', 'b']);
    expect(queries(requests)).toEqual(['the start', 'the start', 'n1', 'n1']);
    expect(waits.map((ms) => Math.floor(ms / 1000))).toEqual([7, 0]);
  });

  test('the rest of an expired list, with the new token', async () => {
    const expired = status(410, 'too old', { metadata: { continue: 'n2' }, reason: 'Expired' });
    const { store, requests, waits } = await storeOf(inTurn(page(['a'], 'n1'), expired, page(['b'])));
    expect(await uidsOf(store.list(PODS))).toEqual(['a', 'b']);
    expect(queries(requests)).toEqual(['the start', 'n1', 'n2']);
    expect(waits).toEqual([]);
  });

  test('again from the start if there is no token for the rest, with each object once', async () => {
    const answers = inTurn(page(['a', 'b'], 'n1'), status(410, 'too old'), page(['a', 'b', 'c']));
    const { store, requests } = await storeOf(answers);
    expect(await uidsOf(store.list(PODS))).toEqual(['a', 'b', 'c']);
    expect(queries(requests)).toEqual(['the start', 'n1', 'the start']);
  });

  test('nothing without permission, and does not retry', async () => {
    const { store, waits } = await storeOf(() => status(403, 'pods is forbidden'));
    await expect(uidsOf(store.list(PODS))).rejects.toMatchObject({ name: 'ApiError', code: 403 });
    expect(waits).toEqual([]);
  });

  test('nothing without an API server, and does not retry', async () => {
    const { store, stop, waits } = await storeOf(() => page([]));
    await stop();
    await expect(uidsOf(store.list(PODS))).rejects.toMatchObject({ name: 'ApiError', code: undefined });
    expect(waits).toEqual([]);
  });

  test('nothing if a login page answers', async () => {
    const { store, waits } = await storeOf(() => [200, '<html>Sign in']);
    await expect(uidsOf(store.list(PODS))).rejects.toThrow('with an object: <html>Sign in');
    expect(waits).toEqual([]);
  });

  test('no more pages after an abort', async () => {
    const controller = new AbortController();
    const answer = () => {
      controller.abort(new Error('enough'));
      return page(['a'], 'n1');
    };
    const { store, requests } = await storeOf(answer, { signal: controller.signal });
    await expect(uidsOf(store.list(PODS))).rejects.toThrow('enough');
    expect(requests).toHaveLength(1);
  });

  test('namespaces', async () => {
    const metadata = { uid: 'u', name: 'a' };
    const items = [{ metadata: { ...metadata, labels: { team: 'x' } } }, { metadata: { ...metadata, uid: 'v' } }];
    const { store, requests } = await storeOf(() => [200, { metadata: {}, items }]);
    expect(await Array.fromAsync(store.namespaces('team'))).toStrictEqual([
      { name: 'a', labels: { team: 'x' } },
      { name: 'a', labels: {} },
    ]);
    expect(requests).toMatchObject([
      {
        path: '/api/v1/namespaces',
        query: { labelSelector: 'team', limit: '500' },
        headers: { accept: METADATA_LIST },
      },
    ]);
  });

  test.for([
    { kind: 'PodDisruptionBudget', namespace: undefined, path: '/apis/policy/v1/poddisruptionbudgets' },
    { kind: 'NetworkPolicy', namespace: 'n', path: '/apis/networking.k8s.io/v1/namespaces/n/networkpolicies' },
    { kind: 'Service', namespace: 'n', path: '/api/v1/namespaces/n/services' },
  ] as const)('objects that select Pods: $kind', async ({ kind, namespace, path }) => {
    const { store, requests } = await storeOf(inTurn(page(['a'], 'n1'), page(['b'])));
    const found = await Array.fromAsync(store.podSelecting(kind, namespace));
    expect(found).toMatchObject([
      { kind, namespace: 'n', name: 'a' },
      { kind, namespace: 'n', name: 'b' },
    ]);
    expect(requests).toMatchObject([
      { path, query: { limit: '500' }, headers: { accept: 'application/json' } },
      { path, query: { limit: '500', continue: 'n1' } },
    ]);
  });
});

describe('kubernetesObjectStore() gets', () => {
  const reference = { kind: 'Service', namespace: 'n', name: 'a' } as const;

  test('the metadata of an object', async () => {
    const answer = { kind: 'PartialObjectMetadata', ...item('a') };
    const { store, requests } = await storeOf(inTurn(status(503, 'starting'), [200, answer]));
    expect(await store.get(reference)).toStrictEqual({ kind: 'Service', ...item('a') });
    expect(requests[1]).toMatchObject({
      method: 'GET',
      path: '/api/v1/namespaces/n/services/a',
      query: {},
      headers: { accept: METADATA },
    });
  });

  test('nothing if the object does not exist', async () => {
    const { store } = await storeOf(() => status(404, 'not found'));
    expect(await store.get(reference)).toBeUndefined();
  });
});

describe('kubernetesObjectStore() adds a label', () => {
  const metadata = {
    namespace: 'n',
    name: 'a',
    uid: 'u',
    resourceVersion: '7',
    creationTimestamp: '2026-11-22T12:00:00Z',
  };
  const pod: StoredObject = { kind: 'Pod', metadata };
  const PATCH = {
    method: 'PATCH',
    path: '/api/v1/namespaces/n/pods/a',
    query: { fieldManager: 'gateway-name-webhook' },
    body: [
      { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
      { op: 'add', path: '/metadata/labels/gateway.networking.k8s.io~1gateway-name', value: 'eg' },
    ],
  };

  test.for([
    { dryRun: false, query: PATCH.query },
    { dryRun: true, query: { ...PATCH.query, dryRun: 'All' } },
  ])('to the version that was read: $query', async ({ dryRun, query }) => {
    const { store, requests } = await storeOf(() => [200, item('a')]);
    expect(await store.addLabel(pod, LABEL, { dryRun })).toBe('added');
    expect(requests).toMatchObject([{ ...PATCH, query, headers: { accept: METADATA } }]);
    expect(requests[0]?.query).toEqual(query);
    expect(requests[0]?.headers['content-type']).toBe('application/json-patch+json');
  });

  test.for([
    { code: 404, written: 'gone' },
    { code: 409, written: 'conflict' },
  ])('to no other version: $written', async ({ code, written }) => {
    const { store, requests } = await storeOf(() => status(code, 'no'));
    expect(await store.addLabel(pod, LABEL, { dryRun: false })).toBe(written);
    expect(requests).toHaveLength(1);
  });

  const cut = half([200, item('a')]);
  const modified = (manager: string, labels: object): Answer => {
    const fieldsV1 = { 'f:metadata': { 'f:labels': { [`f:${LABEL.key}`]: {} } } };
    return [200, item('a', { resourceVersion: '8', labels, managedFields: [{ manager, fieldsV1 }] })];
  };
  const OURS = 'gateway-name-webhook';

  test.for<{ name: string; now: Answer; written: string }>([
    { name: 'the first attempt succeeded', now: modified(OURS, { [LABEL.key]: 'eg' }), written: 'added' },
    { name: 'another client added it', now: modified('kubectl', { [LABEL.key]: 'eg' }), written: 'conflict' },
    { name: 'another client added another value', now: modified(OURS, { [LABEL.key]: 'other' }), written: 'conflict' },
    { name: 'it was deleted', now: status(404, 'not found'), written: 'gone' },
  ])('once, if the answer is truncated and the retry is a conflict: $name', async ({ now, written }) => {
    const { store, requests } = await storeOf(inTurn([200, {}], cut, status(409, 'modified'), now));
    await store.get({ kind: 'Pod', namespace: 'n', name: 'a' });
    expect(await store.addLabel(pod, LABEL, { dryRun: false })).toBe(written);
    expect(requests.slice(1)).toMatchObject([PATCH, PATCH, { method: 'GET', path: PATCH.path }]);
  });

  test.for([
    {
      name: 'an object that has no labels anymore',
      answer: [200, item('a', { resourceVersion: '8' })],
      written: 'conflict',
    },
    { name: 'an object that does not exist anymore', answer: status(404, 'not found'), written: 'gone' },
  ] as const)('not to $name, although the API server refused the patch itself', async ({ answer, written }) => {
    const { store, requests } = await storeOf(inTurn(status(422, 'does not apply'), answer));
    expect(await store.addLabel(pod, LABEL, { dryRun: false })).toBe(written);
    expect(requests.map(({ method }) => method)).toEqual(['PATCH', 'GET']);
  });

  test.for([
    { code: 422, message: 'Service "a" is invalid: metadata.labels: Invalid value' },
    { code: 400, message: 'admission webhook "pods.example.com" denied the request: no' },
    { code: 403, message: 'pods "a" is forbidden: exceeded quota: few' },
    { code: 500, message: 'Internal error occurred: failed calling webhook "pods.example.com": connection refused' },
  ])('not to an object that the API server refuses: $code', async ({ code, message }) => {
    const { store, requests } = await storeOf(
      inTurn(status(code, message), [200, item('a', { resourceVersion: '7' })]),
    );
    expect(await store.addLabel(pod, LABEL, { dryRun: false })).toEqual({
      refused: `The API server refused PATCH ${PATCH.path}: ${message}`,
    });
    expect(requests.map(({ method }) => method)).toEqual(['PATCH', 'GET']);
  });

  test.for([
    { code: 403, message: 'pods "a" is forbidden: User "jane" cannot patch resource "pods" in API group ""' },
    { code: 401, message: 'Unauthorized' },
  ])('not without permission: $code', async ({ code, message }) => {
    const { store, requests } = await storeOf(() => status(code, message));
    await expect(store.addLabel(pod, LABEL, { dryRun: false })).rejects.toMatchObject({ name: 'ApiError', code });
    expect(requests).toHaveLength(1);
  });

  test('not after a bug of this program', async () => {
    const { store } = await storeOf(() => [200, {}]);
    const unwritable = { key: LABEL.key, value: 1n as never };
    await expect(store.addLabel(pod, unwritable, { dryRun: false })).rejects.toThrow(TypeError);
  });
});
