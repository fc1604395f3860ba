import { expect, test } from 'vitest';
import { callApi } from './api.ts';
import { describeCluster } from './cluster-test.ts';
import { runCommand, WRITING } from './command.ts';
import { kubectl } from './kubectl.ts';
import { create, createNamespace, type KubernetesObject, OWNER, objectOf, STANDARD, stored } from './objects.ts';

const BOTH = { [OWNER]: 'eg', [STANDARD]: 'eg' };

/** A PodDisruptionBudget that selects Pods by one label. */
function budget(namespace: string, name: string, label: string): KubernetesObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { namespace, name },
    spec: { minAvailable: 1, selector: { matchLabels: { [label]: 'eg' } } },
  };
}

/** Creates a Pod with Envoy Gateway's label, and two budgets: one selects Pods by this label, one by the standard label. */
async function createOverlap(): Promise<string> {
  const namespace = await createNamespace();
  await create(budget(namespace, 'by-owner', OWNER));
  await create(budget(namespace, 'by-standard', STANDARD));
  await create(objectOf('Pod', { namespace, labels: { [OWNER]: 'eg' } }));
  // Budgets do not protect a Pod that is not running.
  await kubectl([
    'patch',
    'pod',
    'eg',
    '-n',
    namespace,
    '--subresource=status',
    '-p',
    '{"status":{"phase":"Running"}}',
  ]);
  return namespace;
}

/** Evicts the Pod, as a drain does. */
async function evict(namespace: string) {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name: 'eg' } };
  const { status, body } = await callApi('POST', `/api/v1/namespaces/${namespace}/pods/eg/eviction`, eviction);
  return { status, message: (body as { readonly message?: string }).message };
}

describeCluster('a Pod that two PodDisruptionBudgets would select', () => {
  test('is skipped and reported; other objects get their labels', async () => {
    const namespace = await createOverlap();
    await create(objectOf('Service', { namespace, labels: { [OWNER]: 'eg' } }));
    const { exitCode, stdout, stderr } = await runCommand(['backfill', '-n', namespace, '-o', 'json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: WRITING });
    const { changes, counts } = JSON.parse(stdout);
    expect(counts).toEqual({ added: 1, settled: 0, skipped: 1, failed: 0 });
    expect(changes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{ kind: 'Pod', namespace, name: 'eg', outcome: 'skipped' },
          detail: 'it would match several PodDisruptionBudgets: by-owner, by-standard',
        }),
        expect.objectContaining({ kind: 'Service', outcome: 'added' }),
      ]),
    );
    expect((await stored('Pod', namespace)).metadata.labels).toEqual({ [OWNER]: 'eg' });
    // A single budget matches the Pod, so the eviction API works: the budget refuses (429).
    expect((await evict(namespace)).status).toBe(429);
  });

  test('gets its label with --accept-pdb-overlap, and then cannot be evicted', async () => {
    const namespace = await createOverlap();
    const args = ['backfill', '-n', namespace, '-o', 'name', '--accept-pdb-overlap'];
    expect(await runCommand(args)).toEqual({ exitCode: 0, stdout: 'pod/eg\n', stderr: WRITING });
    expect((await stored('Pod', namespace)).metadata.labels).toEqual(BOTH);
    expect(await evict(namespace)).toEqual({
      status: 500,
      message: expect.stringContaining('more than one PodDisruptionBudget'),
    });
  });

  test('gets its label if both select it already', async () => {
    const namespace = await createOverlap();
    await create({ ...budget(namespace, 'by-owner-too', OWNER) });
    await kubectl(['delete', 'poddisruptionbudget', 'by-standard', '-n', namespace]);
    expect(await runCommand(['backfill', '-n', namespace, '-o', 'name'])).toEqual({
      exitCode: 0,
      stdout: 'pod/eg\n',
      stderr: WRITING,
    });
  });
});

describeCluster('an object that begins to select a Pod by its new label', () => {
  const select = { matchLabels: { [STANDARD]: 'eg' } };

  test.for([
    { args: ['audit', '--check'], exitCode: 1 },
    { args: ['backfill', '--dry-run'], exitCode: 1 },
  ])('is reported by $args', async ({ args, exitCode }) => {
    const namespace = await createOverlap();
    const networking = 'networking.k8s.io/v1';
    const policy = { apiVersion: networking, kind: 'NetworkPolicy' };
    await create({ ...policy, metadata: { namespace, name: 'for' }, spec: { podSelector: select } });
    const ingress = [{ from: [{ podSelector: select }] }];
    const peers = { podSelector: { matchLabels: { app: 'shop' } }, ingress };
    await create({ ...policy, metadata: { namespace, name: 'from' }, spec: peers });
    await create({ ...policy, metadata: { namespace, name: 'unconcerned' }, spec: { podSelector: {} } });
    const service = objectOf('Service', { namespace, name: 'by-standard' });
    await create({ ...service, spec: { ports: [{ port: 80 }], selector: select.matchLabels } });

    const ended = await runCommand([...args, '-n', namespace, '-o', 'json']);
    expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({ exitCode, stderr: '' });
    const { wakes, overlaps } = JSON.parse(ended.stdout);
    const wake = { namespace, effect: 'begins', pods: 1, example: `${namespace}/eg` };
    expect(wakes).toEqual([
      { kind: 'PodDisruptionBudget', name: 'by-standard', ...wake },
      { kind: 'NetworkPolicy', name: 'for', ...wake },
      { kind: 'NetworkPolicy', name: 'from', ...wake },
      { kind: 'Service', name: 'by-standard', ...wake },
    ]);
    expect(overlaps).toEqual([{ namespace, budgets: ['by-owner', 'by-standard'], pods: 1, example: 'eg' }]);
    expect((await stored('Pod', namespace)).metadata.labels).toEqual({ [OWNER]: 'eg' });
  });
});
