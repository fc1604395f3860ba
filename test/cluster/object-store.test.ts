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

/** The store of the tests' API server, or of what stands in front of it. It does not wait before it asks again. */
function storeOf(kubeconfig = cluster().kubeconfig): ObjectStore {
  return kubernetesObjectStore(new ApiClient({ kubeconfig }, {}), { wait: async () => {} });
}

/** Creates ServiceAccounts by one call of kubectl; returns their names in order. */
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

/** Makes etcd and the API server forget all but the current versions, as they do every five minutes. */
async function compact(): Promise<void> {
  const etcd = async (path: string, body: object): Promise<{ header: { revision: string } }> => {
    const response = await fetch(cluster().etcdUrl + path, { method: 'POST', body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    return (await response.json()) as { header: { revision: string } };
  };
  const { body } = await callApi('GET', '/api/v1/serviceaccounts?limit=1');
  const { metadata } = body as { metadata: { continue: string } };
  // The API server keeps versions in its own memory, too, until it reads in etcd that an API server has compacted.
  const { header } = await etcd('/v3/kv/put', { key: btoa('kube'), value: btoa('a version more') });
  await etcd('/v3/kv/compaction', { revision: header.revision, physical: true });
  await etcd('/v3/kv/put', { key: btoa('compact_rev_key'), value: btoa(header.revision) });
  await eventually('the API server to forget', async () => {
    const { status } = await callApi('GET', `/api/v1/serviceaccounts?limit=1&continue=${metadata.continue}`);
    return status === 410 || undefined;
  });
}

describeCluster('the object store lists', () => {
  test('what the API server selects, in one namespace or in all, over several pages', async () => {
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

  test('the rest of a list that has expired: nothing is lost, nothing comes twice', async () => {
    const namespace = await createNamespace();
    const names = await createAccounts(namespace, 11);
    await using proxy = await FaultyProxy.start(() => undefined);
    const found: string[] = [];

    for await (const { metadata } of storeOf(proxy.kubeconfig).list({ ...LIST, namespace })) {
      found.push(metadata.name);
      if (found.length === 4) {
        await kubectl(['label', 'serviceaccounts', '-n', namespace, '--all', 'changed=meanwhile']);
        await compact();
      }
    }

    expect(found).toEqual(names);
    const [first, expired, inconsistent, consistent] = proxy.requests.map(({ query }) => versionOf(query['continue']));
    expect([first, inconsistent]).toEqual([undefined, -1]);
    expect(consistent).toBeGreaterThan(expired ?? 0);
    expect(proxy.requests).toHaveLength(4);
  });

  test('all of it through every fault, each object once', async () => {
    const namespace = await createNamespace();
    const names = await createAccounts(namespace, 30);
    // Each of them twice; a list that keeps expiring without a token to go on with would never come to its end.
    const faults = [...Object.values(FAULTS), ...Object.values(FAULTS)];
    await using proxy = await FaultyProxy.start(({ index }) => (index % 2 === 1 ? faults.shift() : undefined));

    expect(await namesOf(storeOf(proxy.kubeconfig).list({ ...LIST, namespace }))).toEqual(names);
    expect(faults).toEqual([]);
  });

  test('what selects Pods, as the API server stores it', async () => {
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
  test.for(KINDS)('to a %s, in its own name', async (kind) => {
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

  test('only in thought, by a dry run', async () => {
    const { store, namespace, pod } = await createdPod();
    const before = await stored('Pod', namespace);
    expect(await store.addLabel(pod, LABEL, { dryRun: true })).toBe('added');
    expect(await stored('Pod', namespace)).toEqual(before);
  });

  test.for([
    {
      name: 'that has got another value meanwhile',
      change: [`${STANDARD}=another`],
      labels: { [STANDARD]: 'another' },
    },
    { name: 'that has been opted out meanwhile', change: [`${OPT_OUT}=`], labels: { [OPT_OUT]: '' } },
  ])('to no Pod $name', async ({ change, labels }) => {
    const { store, namespace, pod } = await createdPod();
    await kubectl(['label', 'pod', 'eg', '-n', namespace, ...change]);
    for (const dryRun of [true, false]) expect(await store.addLabel(pod, LABEL, { dryRun })).toBe('conflict');
    expect((await stored('Pod', namespace)).metadata.labels).toEqual({ [OWNER]: 'eg', ...labels });
  });

  test('to no Pod that has lost its labels meanwhile', async () => {
    const { store, namespace, pod } = await createdPod();
    await kubectl(['label', 'pod', 'eg', '-n', namespace, `${OWNER}-`]);
    expect(await store.addLabel(pod, LABEL, { dryRun: false })).toBe('conflict');
    expect((await stored('Pod', namespace)).metadata).not.toHaveProperty('labels');
  });

  test('to no Pod that is being deleted meanwhile', async () => {
    const { store, namespace, pod } = await createdPod({ finalizers: ['example.com/wait'] });
    await kubectl(['delete', 'pod', 'eg', '-n', namespace, '--wait=false']);
    expect(await store.addLabel(pod, LABEL, { dryRun: false })).toBe('conflict');
    expect(await store.get({ kind: 'Pod', namespace, name: 'eg' })).toMatchObject({
      metadata: { labels: { [OWNER]: 'eg' }, deletionTimestamp: expect.any(String) },
    });
  });

  test('to no Pod that is gone: none appears', async () => {
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

  test('to none whose change a policy denies, and tells what it says; others get theirs', async () => {
    const { store, namespace, pod } = await createdPod();
    await create(objectOf('ServiceAccount', { namespace, labels: { [OWNER]: 'eg' } }));
    const account = await store.get({ kind: 'ServiceAccount', namespace, name: 'eg' });
    await using _policy = await denyChanges('pods', namespace);

    const written = await eventually('the policy', async () => {
      const answer = await store.addLabel(pod, LABEL, { dryRun: true });
      return answer === 'added' ? undefined : answer;
    });

    expect(written).toEqual({ refused: expect.stringContaining('denied request: not on my watch') });
    expect(await store.addLabel(account ?? expect.fail(), LABEL, { dryRun: false })).toBe('added');
  });

  test('to none where the user may not: all would be refused', async () => {
    const { pod } = await createdPod();
    const client = new ApiClient({ kubeconfig: cluster().kubeconfig, as: 'somebody' }, {});
    const store = kubernetesObjectStore(client, { wait: async () => {} });
    await expect(store.addLabel(pod, LABEL, { dryRun: true })).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining('User "somebody" cannot patch resource "pods"'),
    });
  });

  test.for(['tooManyRequests', 'internalError', 'cutRequest'] as const)('after a fault: %s', async (fault) => {
    await using proxy = await FaultyProxy.start(({ index }) => (index === 1 ? FAULTS[fault] : undefined));
    const { store, namespace, pod } = await createdPod({}, proxy.kubeconfig);
    expect(await store.addLabel(pod, LABEL, { dryRun: false })).toBe('added');
    expect((await stored('Pod', namespace)).metadata.labels).toEqual({ [OWNER]: 'eg', [STANDARD]: 'eg' });
  });

  test('once, when the answer is cut: to ask again is a conflict with ourselves', async () => {
    await using proxy = await FaultyProxy.start(({ index }) => (index === 1 ? FAULTS.cutAnswer : undefined));
    const { store, namespace, pod } = await createdPod({}, proxy.kubeconfig);
    expect(await store.addLabel(pod, LABEL, { dryRun: false })).toBe('added');
    expect((await stored('Pod', namespace)).metadata.labels).toEqual({ [OWNER]: 'eg', [STANDARD]: 'eg' });
    expect(proxy.requests.map(({ method }) => method)).toEqual(['GET', 'PATCH', 'PATCH', 'GET']);
  });
});

/** A Pod with only the owner label, and as the store reads it. */
async function createdPod(metadata: object = {}, kubeconfig?: string) {
  const namespace = await createNamespace();
  await create(objectOf('Pod', { namespace, labels: { [OWNER]: 'eg' }, ...metadata }));
  const store = storeOf(kubeconfig);
  const pod = await store.get({ kind: 'Pod', namespace, name: 'eg' });
  return { store, namespace, pod: pod ?? expect.fail('there is no Pod') };
}

/** Has the API server deny every change of a resource in a namespace, until it is disposed of. */
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
        validations: [{ expression: 'false', message: 'not on my watch' }],
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

/** The version of the objects that a list goes on with; -1 stands for the current one. */
function versionOf(continueToken: string | undefined): number | undefined {
  return continueToken === undefined ? undefined : JSON.parse(Buffer.from(continueToken, 'base64url').toString()).rv;
}
