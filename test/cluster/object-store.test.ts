import { expect, test } from 'vitest';
import { ApiClient } from '../../src/kubernetes/api-client.ts';
import { kubernetesObjectStore } from '../../src/kubernetes/kubernetes-object-store.ts';
import { type ObjectStore, SELECTING_KINDS } from '../../src/objects/object-store.ts';
import type { StoredObject } from '../../src/objects/stored-object.ts';
import { callApi } from './api.ts';
import { describeCluster } from './cluster-test.ts';
import { eventually } from './eventually.ts';
import { FAULTS, FaultyProxy } from './faulty-proxy.ts';
import { cluster, kubectl } from './kubectl.ts';
import { create, createNamespace, KINDS, type Labels, OPT_OUT, OWNER, objectOf, STANDARD, stored } from './objects.ts';

const LABEL = { key: STANDARD, value: 'eg' };

/** The store of the tests' API server, or of a proxy in front of it. It retries without a delay. */
function storeOf(kubeconfig = cluster().kubeconfig): ObjectStore {
  return kubernetesObjectStore(new ApiClient({ kubeconfig }, {}), { wait: async () => {} });
}

/** Creates ServiceAccounts with one call of kubectl; returns their names in order. */
async function createAccounts(namespace: string, count: number, labels: Labels = { [OWNER]: 'eg' }): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `account-${String(index).padStart(3, '0')}`);
  const items = names.map((name) => objectOf('ServiceAccount', { namespace, name, labels }));
  await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  return names;
}

const LIST = { kind: 'ServiceAccount', labelSelector: `${OWNER},!${STANDARD}`, limit: 4 } as const;

async function namesOf(list: AsyncIterable<StoredObject>): Promise<string[]> {
  return (await Array.fromAsync(list)).map(({ metadata }) => metadata.name);
}

/** Makes etcd and the API server discard all old versions of objects, as they do every five minutes. */
async function compact(): Promise<void> {
  const etcd = async (path: string, body: object): Promise<{ header: { revision: string } }> => {
    const response = await fetch(cluster().etcdUrl + path, { method: 'POST', body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    return (await response.json()) as { header: { revision: string } };
  };
  const { body } = await callApi('GET', '/api/v1/serviceaccounts?limit=1');
  const { metadata } = body as { metadata: { continue: string } };
  // The API server also keeps versions in memory, until it reads in etcd that an API server has compacted them.
  const { header } = await etcd('/v3/kv/put', { key: btoa('kube'), value: btoa('one more version') });
  await etcd('/v3/kv/compaction', { revision: header.revision, physical: true });
  await etcd('/v3/kv/put', { key: btoa('compact_rev_key'), value: btoa(header.revision) });
  await eventually('the API server to discard old versions', async () => {
    const { status } = await callApi('GET', `/api/v1/serviceaccounts?limit=1&continue=${metadata.continue}`);
    return status === 410 || undefined;
  });
}

describeCluster('the object store lists', () => {
  test('what the API server selects, in one namespace or in all, on several pages', async () => {
    const namespace = await createNamespace();
    const names = await createAccounts(namespace, 11);
    await create(
      objectOf('ServiceAccount', { namespace, name: 'complete', labels: { [OWNER]: 'eg', [STANDARD]: 'eg' } }),
    );
    await create(objectOf('ServiceAccount', { namespace, name: 'other' }));
    await using proxy = await FaultyProxy.start(() => undefined);
    const store = storeOf(proxy.kubeconfig);

    const found = await Array.fromAsync(store.list({ ...LIST, namespace }));

    expect(found.map(({ metadata }) => metadata.name)).toEqual(names);
    expect(found[0]).toStrictEqual({
      kind: 'ServiceAccount',
      metadata: {
        namespace,
        name: 'account-000',
        uid: expect.any(String),
        resourceVersion: expect.any(String),
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        labels: { [OWNER]: 'eg' },
        managedFields: [expect.objectContaining({ manager: 'kubectl-create' })],
      },
    });
    expect(proxy.requests).toHaveLength(3);
    const everywhere = await Array.fromAsync(store.list({ ...LIST, namespace: undefined }));
    expect(everywhere.filter(({ metadata }) => metadata.namespace === namespace)).toEqual(found);
  });

  test('the rest of an expired list without losing or repeating an object', async () => {
    const namespace = await createNamespace();
    const names = await createAccounts(namespace, 11);
    await using proxy = await FaultyProxy.start(() => undefined);
    const found: string[] = [];

    for await (const { metadata } of storeOf(proxy.kubeconfig).list({ ...LIST, namespace })) {
      found.push(metadata.name);
      if (found.length === 4) {
        await kubectl(['label', 'serviceaccounts', '-n', namespace, '--all', 'changed=true']);
        await compact();
      }
    }

    expect(found).toEqual(names);
    const [first, expired, inconsistent, consistent] = proxy.requests.map(({ query }) => versionOf(query['continue']));
    expect([first, inconsistent]).toEqual([undefined, -1]);
    expect(consistent).toBeGreaterThan(expired ?? 0);
    expect(proxy.requests).toHaveLength(4);
  });

  test('each object once, in spite of every fault', async () => {
    const namespace = await createNamespace();
    const names = await createAccounts(namespace, 30);
    // Each fault only twice: a list that kept expiring without a new token would never end.
    const faults = [...Object.values(FAULTS), ...Object.values(FAULTS)];
    await using proxy = await FaultyProxy.start(({ index }) => (index % 2 === 1 ? faults.shift() : undefined));

    expect(await namesOf(storeOf(proxy.kubeconfig).list({ ...LIST, namespace }))).toEqual(names);
    expect(faults).toEqual([]);
  });

  test('objects that select Pods, as the API server stores them', async () => {
    const namespace = await createNamespace();
    const pods = { matchLabels: { [STANDARD]: 'eg' } };
    const manifests = [
      { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', spec: { minAvailable: 1, selector: pods } },
      { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', spec: { minAvailable: 1 }, name: 'none' },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }, { podSelector: pods }] }, {}] },
      },
      { apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: 80 }], selector: pods.matchLabels } },
    ].map(({ name = 'eg', ...manifest }) => ({ ...manifest, metadata: { namespace, name } }));
    await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: manifests });
    const store = storeOf();

    const found = await Promise.all(
      SELECTING_KINDS.map((kind) => Array.fromAsync(store.podSelecting(kind, namespace))),
    );

    expect(found).toStrictEqual([
      [
        { kind: 'PodDisruptionBudget', namespace, name: 'eg', selectors: [{ pods }] },
        { kind: 'PodDisruptionBudget', namespace, name: 'none', selectors: [] },
      ],
      [
        {
          kind: 'NetworkPolicy',
          namespace,
          name: 'eg',
          selectors: [{ pods: {} }, { pods: {}, namespaces: {} }, { pods }],
        },
      ],
      [{ kind: 'Service', namespace, name: 'eg', selectors: [{ pods }] }],
    ]);
  });

  test('namespaces by their labels', async () => {
    const namespace = await createNamespace();
    await kubectl(['label', 'namespace', namespace, `team=${namespace}`]);
    expect(await Array.fromAsync(storeOf().namespaces(`team=${namespace}`))).toEqual([
      { name: namespace, labels: { 'kubernetes.io/metadata.name': namespace, team: namespace } },
    ]);
  });
});

describeCluster('the object store adds a label', () => {
  test.for(KINDS)('to a %s, as its own field manager', async (kind) => {
    const namespace = await createNamespace();
    await create(objectOf(kind, { namespace, labels: { [OWNER]: 'eg', app: 'shop' } }));
    const store = storeOf();
    const object = await store.get({ kind, namespace, name: 'eg' });

    expect(await store.addLabel(object ?? expect.fail(), LABEL, { dryRun: false })).toBe('added');

    const { metadata } = await stored(kind, namespace);
    expect(metadata.labels).toEqual({ [OWNER]: 'eg', app: 'shop', [STANDARD]: 'eg' });
    expect(metadata['managedFields']).toContainEqual(
      expect.objectContaining({
        manager: 'gateway-name-webhook',
        operation: 'Update',
        fieldsV1: { 'f:metadata': { 'f:labels': { [`f:${STANDARD}`]: {} } } },
      }),
    );
  });

  test('without storing it, in a dry run', async () => {
    const { store, namespace, pod } = await createdPod();
    const before = await stored('Pod', namespace);
    expect(await store.addLabel(pod, LABEL, { dryRun: true })).toBe('added');
    expect(await stored('Pod', namespace)).toEqual(before);
  });

  test.for([
    {
      name: 'whose value has changed since the read',
      change: [`${STANDARD}=another`],
      labels: { [STANDARD]: 'another' },
    },
    { name: 'that is opted out since the read', change: [`${OPT_OUT}=`], labels: { [OPT_OUT]: '' } },
  ])('to no Pod $name', async ({ change, labels }) => {
    const { store, namespace, pod } = await createdPod();
    await kubectl(['label', 'pod', 'eg', '-n', namespace, ...change]);
    for (const dryRun of [true, false]) expect(await store.addLabel(pod, LABEL, { dryRun })).toBe('conflict');
    expect((await stored('Pod', namespace)).metadata.labels).toEqual({ [OWNER]: 'eg', ...labels });
  });

  test('to no Pod that has lost its labels since the read', async () => {
    const { store, namespace, pod } = await createdPod();
    await kubectl(['label', 'pod', 'eg', '-n', namespace, `${OWNER}-`]);
    expect(await store.addLabel(pod, LABEL, { dryRun: false })).toBe('conflict');
    expect((await stored('Pod', namespace)).metadata).not.toHaveProperty('labels');
  });

  test('to no Pod that is being deleted', async () => {
    const { store, namespace, pod } = await createdPod({ finalizers: ['example.com/wait'] });
    await kubectl(['delete', 'pod', 'eg', '-n', namespace, '--wait=false']);
    expect(await store.addLabel(pod, LABEL, { dryRun: false })).toBe('conflict');
    expect(await store.get({ kind: 'Pod', namespace, name: 'eg' })).toMatchObject({
      metadata: { labels: { [OWNER]: 'eg' }, deletionTimestamp: expect.any(String) },
    });
  });

  test('to no Pod that was deleted, and creates none', async () => {
    const { store, namespace, pod } = await createdPod();
    await kubectl(['delete', 'pod', 'eg', '-n', namespace, '--force']);
    for (const dryRun of [true, false]) expect(await store.addLabel(pod, LABEL, { dryRun })).toBe('gone');
    expect(await store.get({ kind: 'Pod', namespace, name: 'eg' })).toBeUndefined();
  });

  test('to no other Pod of the same name', async () => {
    const { store, namespace, pod } = await createdPod();
    await kubectl(['delete', 'pod', 'eg', '-n', namespace, '--force']);
    await create(objectOf('Pod', { namespace, labels: { [OWNER]: 'eg' } }));
    expect(await store.addLabel(pod, LABEL, { dryRun: false })).toBe('conflict');
    expect((await stored('Pod', namespace)).metadata.labels).toEqual({ [OWNER]: 'eg' });
  });

  test("to no object whose change a policy denies, and returns the policy's message; other objects get theirs", async () => {
    const { store, namespace, pod } = await createdPod();
    await create(objectOf('ServiceAccount', { namespace, labels: { [OWNER]: 'eg' } }));
    const account = await store.get({ kind: 'ServiceAccount', namespace, name: 'eg' });
    await using _policy = await denyChanges('pods', namespace);

    const written = await eventually('the policy', async () => {
      const answer = await store.addLabel(pod, LABEL, { dryRun: true });
      return answer === 'added' ? undefined : answer;
    });

    expect(written).toEqual({ refused: expect.stringContaining('denied request: changes are frozen') });
    expect(await store.addLabel(account ?? expect.fail(), LABEL, { dryRun: false })).toBe('added');
  });

  test('to nothing without permission, and rejects: every write would be refused', async () => {
    const { pod } = await createdPod();
    const client = new ApiClient({ kubeconfig: cluster().kubeconfig, as: 'jane' }, {});
    const store = kubernetesObjectStore(client, { wait: async () => {} });
    await expect(store.addLabel(pod, LABEL, { dryRun: true })).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining('User "jane" cannot patch resource "pods"'),
    });
  });

  test.for(['tooManyRequests', 'internalError', 'cutRequest'] as const)('after a fault: %s', async (fault) => {
    await using proxy = await FaultyProxy.start(({ index }) => (index === 1 ? FAULTS[fault] : undefined));
    const { store, namespace, pod } = await createdPod({}, proxy.kubeconfig);
    expect(await store.addLabel(pod, LABEL, { dryRun: false })).toBe('added');
    expect((await stored('Pod', namespace)).metadata.labels).toEqual({ [OWNER]: 'eg', [STANDARD]: 'eg' });
  });

  test('once if the answer is cut: the retry conflicts with the first attempt', async () => {
    await using proxy = await FaultyProxy.start(({ index }) => (index === 1 ? FAULTS.cutAnswer : undefined));
    const { store, namespace, pod } = await createdPod({}, proxy.kubeconfig);
    expect(await store.addLabel(pod, LABEL, { dryRun: false })).toBe('added');
    expect((await stored('Pod', namespace)).metadata.labels).toEqual({ [OWNER]: 'eg', [STANDARD]: 'eg' });
    expect(proxy.requests.map(({ method }) => method)).toEqual(['GET', 'PATCH', 'PATCH', 'GET']);
  });
});

/** Creates a Pod with only the owner label, and reads it from the store. */
async function createdPod(metadata: object = {}, kubeconfig?: string) {
  const namespace = await createNamespace();
  await create(objectOf('Pod', { namespace, labels: { [OWNER]: 'eg' }, ...metadata }));
  const store = storeOf(kubeconfig);
  const pod = await store.get({ kind: 'Pod', namespace, name: 'eg' });
  return { store, namespace, pod: pod ?? expect.fail('there is no Pod') };
}

/** Installs a policy that denies every change of a resource in a namespace, until it is disposed. */
async function denyChanges(resource: string, namespace: string): Promise<AsyncDisposable> {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const metadata = { name: `deny-${namespace}` };
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: [resource] };
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  const items = [
    {
      ...{ apiVersion, kind: 'ValidatingAdmissionPolicy', metadata },
      spec: {
        matchConstraints: { resourceRules: [rule], namespaceSelector },
        validations: [{ expression: 'false', message: 'changes are frozen' }],
      },
    },
    {
      ...{ apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata },
      spec: { policyName: metadata.name, validationActions: ['Deny'] },
    },
  ];
  const list = { apiVersion: 'v1', kind: 'List', items };
  await kubectl(['create', '-f', '-'], list);
  return { [Symbol.asyncDispose]: async () => void (await kubectl(['delete', '-f', '-'], list)) };
}

/** The resource version from which a list continues; -1 means the current one. */
function versionOf(continueToken: string | undefined): number | undefined {
  return continueToken === undefined ? undefined : JSON.parse(Buffer.from(continueToken, 'base64url').toString()).rv;
}
