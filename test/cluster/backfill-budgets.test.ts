import { expect, test } from 'vitest';
import { callApi } from './api.ts';
import { describeCluster } from './cluster-test.ts';
import { runCommand, WRITING } from './command.ts';
import { kubectl } from './kubectl.ts';
import { create, createNamespace, type KubernetesObject, OWNER, objectOf, STANDARD, stored } from './objects.ts';

const BOTH = { [OWNER]: 'eg', [STANDARD]: 'eg' };

/** A PodDisruptionBudget for Pods with a label. */
function budget(namespace: string, name: string, label: string): KubernetesObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { namespace, name },
    spec: { minAvailable: 1, selector: { matchLabels: { [label]: 'eg' } } },
  };
}

/** A Pod with Envoy Gateway's label, and two budgets: each knows another of the two labels. */
async function createOverlap(): Promise<string> {
  const namespace = await createNamespace();
  await create(budget(namespace, 'by-owner', OWNER));
  await create(budget(namespace, 'by-standard', STANDARD));
  await create(objectOf('Pod', { namespace, labels: { [OWNER]: 'eg' } }));
  // The eviction of one that does not run asks no budget.
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

/** Asks for the eviction of a Pod, as a drain does. */
async function evict(namespace: string) {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name: 'eg' } };
  const { status, body } = await callApi('POST', `/api/v1/namespaces/${namespace}/pods/eg/eviction`, eviction);
  return { status, message: (body as { readonly message?: string }).message };
}

describeCluster('a Pod that two PodDisruptionBudgets would select', () => {
  test('is left alone, and told; other objects get their labels', async () => {
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
    // The other budget has the right to say no; it is asked.
    expect((await evict(namespace)).status).toBe(429);
  });

  test('gets its label by --accept-pdb-overlap, and then cannot be evicted', async () => {
    const namespace = await createOverlap();
    const args = ['backfill', '-n', namespace, '-o', 'name', '--accept-pdb-overlap'];
    expect(await runCommand(args)).toEqual({ exitCode: 0, stdout: 'pod/eg\n', stderr: WRITING });
    expect((await stored('Pod', namespace)).metadata.labels).toEqual(BOTH);
    expect(await evict(namespace)).toEqual({
      status: 500,
      message: expect.stringContaining('more than one PodDisruptionBudget'),
    });
  });

  test('that do already gets its label', async () => {
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

describeCluster('what begins to select a Pod by its new label', () => {
  const select = { matchLabels: { [STANDARD]: 'eg' } };

  test.for([
    { args: ['audit', '--check'], exitCode: 1 },
    { args: ['backfill', '--dry-run'], exitCode: 1 },
  ])('$args tells', async ({ args, exitCode }) => {
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
