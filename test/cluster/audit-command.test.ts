import { expect, test } from 'vitest';
import { clientOf } from './client.ts';
import { describeCluster } from './cluster-test.ts';
import { runCommand } from './command.ts';
import { createAll } from './many-objects.ts';
import { create, createNamespace, type Labels, OWNER, objectOf, STANDARD } from './objects.ts';
import { countBy } from './registration.ts';

const OWNER_NAMESPACE = 'gateway.envoyproxy.io/owning-gateway-namespace';
const OWNER_CLASS = 'gateway.envoyproxy.io/owning-gatewayclass';

/** Audits a namespace of ServiceAccounts with these labels; returns the summary. */
async function auditOf(labels: readonly Labels[]) {
  const namespace = await createNamespace();
  for (const [index, one] of labels.entries()) {
    await create(objectOf('ServiceAccount', { namespace, name: `eg-${index}`, labels: one }));
  }
  const { stdout } = await runCommand(['audit', '-n', namespace, '-o', 'json']);
  const { findings, ...summary } = JSON.parse(stdout);
  return { namespace, findings, summary };
}

/** Returns the total size of the lists of Pods, Services and ServiceAccounts that the API server has sent, in bytes. */
async function listedBytes(): Promise<number> {
  const bytes = await countBy('apiserver_response_sizes_sum', ({ verb, resource }) => `${verb} ${resource}`);
  return ['pods', 'services', 'serviceaccounts'].reduce((sum, kind) => sum + (bytes[`LIST ${kind}`] ?? 0), 0);
}

describeCluster('audit', () => {
  test('reports a name that two Gateways share in one namespace', async () => {
    const { namespace, summary } = await auditOf([
      { [OWNER]: 'eg', [OWNER_NAMESPACE]: 'team-a' },
      { [OWNER]: 'eg', [OWNER_NAMESPACE]: 'team-b' },
      { [OWNER]: 'other', [OWNER_NAMESPACE]: 'team-a' },
    ]);
    expect(summary.ambiguousNames).toEqual([{ namespace, name: 'eg', gatewayNamespaces: ['team-a', 'team-b'] }]);
  });

  test('reports a merged fleet, which needs no labels', async () => {
    const { findings, summary } = await auditOf([{ [OWNER_CLASS]: 'merged' }]);
    expect(findings).toEqual([]);
    expect(summary).toMatchObject({ hasMergedFleet: true, reasons: {} });
  });

  test("reports other implementations' objects that would get Envoy Gateway's label", async () => {
    const managedBy = (name: string) => ({ [STANDARD]: 'eg', 'app.kubernetes.io/managed-by': name });
    const { summary } = await auditOf([managedBy('istio'), managedBy('istio'), managedBy('envoy-gateway')]);
    expect(summary).toMatchObject({ reasons: { 'added-owner': 3 }, otherImplementations: { istio: 2 } });
  });

  test('reads only what it reports, however many other Pods there are', async () => {
    const namespace = await createNamespace();
    const annotations = { note: 'x'.repeat(4096) };
    const plain = Array.from({ length: 1_000 }, (_, index) =>
      objectOf('Pod', { namespace, name: `plain-${index}`, labels: { app: 'shop' }, annotations }),
    );
    await createAll(clientOf(), [...plain, objectOf('Pod', { namespace, labels: { [OWNER]: 'eg' } })]);
    const before = await listedBytes();
    const { stdout } = await runCommand(['audit', '-n', namespace, '-o', 'name']);
    const bytes = (await listedBytes()) - before;
    expect(stdout).toBe('pod/eg\n');
    // The namespace holds 4 MB of Pods. The API server sends one of them, and a dozen lists that are almost empty.
    expect(bytes).toBeGreaterThan(1_000);
    expect(bytes).toBeLessThan(10_000);
  });
});
