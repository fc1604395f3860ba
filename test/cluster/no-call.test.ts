import { expect } from 'vitest';
import { describeCluster, test } from './cluster-test.ts';
import type { Counts } from './counts.ts';
import { kubectl } from './kubectl.ts';
import { create, KINDS, type KubernetesObject, OPT_OUT, OWNER, objectOf, STANDARD, stored } from './objects.ts';
import { callsDuring } from './registration.ts';
import type { Webhook } from './webhook.ts';

const UNMATCHED = [
  { team: 'payments' },
  { [OWNER]: 'eg', [STANDARD]: 'eg' },
  { [OWNER]: 'eg', [STANDARD]: 'other' },
  { [OWNER]: 'eg', [OPT_OUT]: '' },
  { [STANDARD]: 'eg', [OPT_OUT]: 'true' },
];

describeCluster('the API server', () => {
  test('calls one entry, once, for each object that is missing a label', async ({
    namespace,
    registration,
    webhook,
  }) => {
    const counts = await countDuring(webhook, async () => {
      for (const kind of KINDS) {
        await create(objectOf(kind, { namespace, name: 'owner', labels: { [OWNER]: 'eg' } }));
        await create(objectOf(kind, { namespace, name: 'standard', labels: { [STANDARD]: 'eg' } }));
      }
    });

    expect(counts.calls).toEqual({ [`${registration.addStandard} 200`]: 3, [`${registration.addOwner} 200`]: 3 });
    expect(counts.decisions).toEqual({
      'CREATE ServiceAccount added-standard': 1,
      'CREATE ServiceAccount added-owner': 1,
      'CREATE Pod added-standard': 1,
      'CREATE Pod added-owner': 1,
      'CREATE Service added-standard': 1,
      'CREATE Service added-owner': 1,
    });
  });

  test('makes no call for objects that match no selector', async ({ namespace, webhook }) => {
    const objects = KINDS.flatMap((kind) =>
      UNMATCHED.map((labels, index) => objectOf(kind, { namespace, name: `eg-${index}`, labels })),
    );

    expect(await countDuring(webhook, () => createAll(objects))).toEqual({ calls: {}, decisions: {} });
    for (const { kind, metadata } of objects) {
      expect((await stored(kind, namespace, metadata.name)).metadata.labels).toEqual(metadata.labels);
    }
  });

  test('makes no call for objects of other kinds', async ({ namespace, webhook }) => {
    const metadata = { name: 'eg', namespace, labels: { [OWNER]: 'eg' } };
    const objects = [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata },
      { apiVersion: 'v1', kind: 'Secret', metadata },
      { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata },
    ];

    expect(await countDuring(webhook, () => createAll(objects))).toEqual({ calls: {}, decisions: {} });
    for (const { kind } of objects) {
      expect((await stored(kind, namespace)).metadata.labels).toEqual(metadata.labels);
    }
  });

  test('makes no call for an object that gets its label later, is changed, or is deleted', async ({
    namespace,
    webhook,
  }) => {
    const object = ['eg', '-n', namespace];
    const counts = await countDuring(webhook, async () => {
      for (const kind of KINDS) {
        await create(objectOf(kind, { namespace }));
        await kubectl(['label', kind, ...object, `${OWNER}=eg`]);
        await kubectl(['annotate', kind, ...object, 'team=payments']);
      }
      await kubectl(['patch', 'pod', ...object, '--subresource=status', '-p', '{"status":{"message":"waiting"}}']);
      await kubectl(['create', 'token', ...object]);
      for (const kind of KINDS) {
        expect((await stored(kind, namespace)).metadata.labels).toEqual({ [OWNER]: 'eg' });
        await kubectl(['delete', kind, ...object]);
      }
    });

    expect(counts).toEqual({ calls: {}, decisions: {} });
  });
});

/** Counts on both sides: the API server's calls, and the webhook's answers. */
async function countDuring(
  webhook: Webhook,
  act: () => Promise<unknown>,
): Promise<{ calls: Counts; decisions: Counts }> {
  let decisions: Counts = {};
  const calls = await callsDuring(async () => {
    decisions = await webhook.decisionsDuring(act);
  });
  return { calls, decisions };
}

function createAll(items: readonly KubernetesObject[]): Promise<string> {
  return kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
}
