import { expect } from 'vitest';
import { describeCluster, test } from './cluster-test.ts';
import { create, createNamespace, type Labels, OWNER, objectOf, STANDARD } from './objects.ts';
import { register } from './registration.ts';
import { Webhook } from './webhook.ts';

const MANAGED = { 'app.kubernetes.io/managed-by': 'envoy-gateway' };

const CASES = [
  { reverse: 'both', others: { [OWNER]: 'eg' }, envoyGateways: { [OWNER]: 'eg' }, reasons: { 'added-owner': 2 } },
  {
    reverse: 'managed',
    others: {},
    envoyGateways: { [OWNER]: 'eg' },
    reasons: { 'added-owner': 1, 'not-managed': 1 },
  },
  { reverse: 'off', others: {}, envoyGateways: {}, reasons: { 'not-managed': 2 } },
] as const;

describeCluster('a webhook with --reverse', () => {
  test.for(CASES)('$reverse', async ({ reverse, others, envoyGateways, reasons }) => {
    await using webhook = await Webhook.start({ args: ['--reverse', reverse] });
    await using registration = await register(await webhook.clientConfig());
    const namespace = await createNamespace(registration);

    const decisions = await webhook.decisionsDuring(async () => {
      await expectAdded({ namespace, name: 'others', labels: { [STANDARD]: 'eg' } }, others);
      await expectAdded({ namespace, name: 'envoy', labels: { [STANDARD]: 'eg', ...MANAGED } }, envoyGateways);
      await expectAdded({ namespace, name: 'forward', labels: { [OWNER]: 'eg' } }, { [STANDARD]: 'eg' });
    });

    const counts = Object.entries({ ...reasons, 'added-standard': 1 });
    expect(decisions).toEqual(Object.fromEntries(counts.map(([reason, count]) => [`CREATE Service ${reason}`, count])));
  });
});

async function expectAdded(
  metadata: { namespace: string; name: string; labels: Labels },
  added: Labels,
): Promise<void> {
  const created = await create(objectOf('Service', metadata));
  expect(created.metadata.labels).toEqual({ ...metadata.labels, ...added });
}
