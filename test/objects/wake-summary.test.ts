import { expect, test } from 'vitest';
import { decide, type Kind } from '../../src/admission/gateway.ts';
import type { LabelSelector, Labels } from '../../src/objects/label-selector.ts';
import { SELECTING_KINDS, type SelectingKind } from '../../src/objects/object-store.ts';
import { PodSelectors } from '../../src/objects/pod-selectors.ts';
import { Wakes } from '../../src/objects/wake-summary.ts';
import { MemoryObjectStore } from '../support/memory-object-store.ts';
import { newObject, OWNER, STANDARD, selecting } from '../support/stored-objects.ts';

const EG: LabelSelector = { matchLabels: { [STANDARD]: 'eg' } };
const UNLABELLED: LabelSelector = { matchExpressions: [{ key: STANDARD, operator: 'DoesNotExist' }] };
const LACKS = { [OWNER]: 'eg' };

async function summaries(
  by: readonly (readonly [SelectingKind, string, ...LabelSelector[]])[],
  objects: readonly (readonly [Kind, string, Labels?])[],
) {
  const store = new MemoryObjectStore();
  store.selecting.push(...by.map((one) => selecting(...one)));
  const wakes = new Wakes(await PodSelectors.read(store, { namespaces: [], namespaceSelector: '' }, SELECTING_KINDS));
  for (const [kind, name, labels = LACKS] of objects) {
    const object = store.put(newObject(kind, name, labels));
    wakes.add({ object, decision: decide(object.metadata, 'both') });
  }
  return { wakes: wakes.summaries, overlaps: wakes.overlaps };
}

test('Wakes counts the Pods of each object and effect, with an example', async () => {
  const found = await summaries(
    [
      ['Service', 'same', EG],
      ['NetworkPolicy', 'same', UNLABELLED, EG],
      ['Service', 'shop/same', EG],
    ],
    [
      ['Pod', 'a'],
      ['Pod', 'b'],
      ['Pod', 'shop/c'],
      ['Pod', 'd', { [OWNER]: 'another' }],
    ],
  );
  const policy = { kind: 'NetworkPolicy', namespace: 'system', name: 'same' };
  expect(found.wakes).toHaveLength(4);
  expect(found.wakes).toEqual(
    expect.arrayContaining([
      { kind: 'Service', namespace: 'system', name: 'same', effect: 'begins', pods: 2, example: 'system/a' },
      { kind: 'Service', namespace: 'shop', name: 'same', effect: 'begins', pods: 1, example: 'shop/c' },
      { ...policy, effect: 'ceases', pods: 3, example: 'system/a' },
      { ...policy, effect: 'begins', pods: 2, example: 'system/a' },
    ]),
  );
  expect(found.overlaps).toEqual([]);
});

test('Wakes counts the Pods that several PodDisruptionBudgets would select, by these PodDisruptionBudgets', async () => {
  const found = await summaries(
    [
      ['PodDisruptionBudget', 'of-eg', EG],
      ['PodDisruptionBudget', 'of-app', { matchLabels: { app: 'envoy' } }],
      ['PodDisruptionBudget', 'of-tier', { matchLabels: { tier: 'edge' } }],
      ['PodDisruptionBudget', 'shop/of-eg', EG],
      ['PodDisruptionBudget', 'shop/of-app', { matchLabels: { app: 'envoy' } }],
    ],
    [
      ['Pod', 'a', { ...LACKS, app: 'envoy' }],
      ['Pod', 'b', { ...LACKS, app: 'envoy' }],
      ['Pod', 'c', { ...LACKS, tier: 'edge' }],
      ['Pod', 'd', LACKS],
      ['Pod', 'shop/e', { ...LACKS, app: 'envoy' }],
    ],
  );
  expect(found.overlaps).toEqual([
    { namespace: 'system', budgets: ['of-eg', 'of-app'], pods: 2, example: 'a' },
    { namespace: 'system', budgets: ['of-eg', 'of-tier'], pods: 1, example: 'c' },
    { namespace: 'shop', budgets: ['of-eg', 'of-app'], pods: 1, example: 'e' },
  ]);
  expect(found.wakes.map(({ name, pods }) => [name, pods])).toEqual([
    ['of-eg', 4],
    ['of-eg', 1],
  ]);
});

test('Wakes ignores objects that are not Pods, and Pods that get no label', async () => {
  const found = await summaries(
    [['Service', 'a', EG]],
    [
      ['Service', 'a'],
      ['ServiceAccount', 'a'],
      ['Pod', 'complete', { [STANDARD]: 'eg', [OWNER]: 'eg' }],
      ['Pod', 'conflict', { [STANDARD]: 'shop', [OWNER]: 'eg' }],
    ],
  );
  expect(found).toEqual({ wakes: [], overlaps: [] });
});
