import { describe, expect, test } from 'vitest';
import type { Label } from '../../src/admission/gateway.ts';
import type { LabelSelector, Labels } from '../../src/objects/label-selector.ts';
import { type PodSelector, SELECTING_KINDS } from '../../src/objects/object-store.ts';
import { PodSelectors } from '../../src/objects/pod-selectors.ts';
import type { Scope } from '../../src/objects/scope.ts';
import { MemoryObjectStore } from '../support/memory-object-store.ts';
import { OWNER, STANDARD, selecting } from '../support/stored-objects.ts';

const ALL: Scope = { namespaces: [], namespaceSelector: '' };
const LABEL = { key: STANDARD, value: 'eg' };
const EG: LabelSelector = { matchLabels: { [STANDARD]: 'eg' } };
const UNLABELLED: LabelSelector = { matchExpressions: [{ key: STANDARD, operator: 'DoesNotExist' }] };

function pod(labels?: Labels, namespace = 'system') {
  return { namespace, ...(labels && { labels }) };
}

/** The effects of a new label on a Pod if these objects exist, as lines. */
async function wakes(
  selectors: Parameters<typeof selecting>[],
  { labels = {}, label = LABEL }: { labels?: Labels; label?: Label } = {},
) {
  const store = new MemoryObjectStore();
  store.selecting.push(...selectors.map((one) => selecting(...one)));
  const read = await PodSelectors.read(store, ALL, SELECTING_KINDS);
  return read.wakes(pod(labels), label).map(({ by, effect }) => `${by.kind} ${by.namespace}/${by.name} ${effect}`);
}

describe('PodSelectors', () => {
  test.for(SELECTING_KINDS)('reports which %s starts or stops selecting a Pod', async (kind) => {
    expect(await wakes([[kind, 'a', EG]])).toEqual([`${kind} system/a begins`]);
    expect(await wakes([[kind, 'a', UNLABELLED]])).toEqual([`${kind} system/a ceases`]);
    expect(await wakes([[kind, 'shop/a', EG]])).toEqual([]);
    expect(await wakes([[kind, 'a', { matchLabels: { [STANDARD]: 'shop' } }]])).toEqual([]);
    expect(await wakes([[kind, 'a', { matchLabels: { ...EG.matchLabels, app: 'envoy' } }]])).toEqual([]);
    expect(await wakes([[kind, 'a', { matchLabels: { [OWNER]: 'eg' } }]], { labels: { [OWNER]: 'eg' } })).toEqual([]);
    const owner = { key: OWNER, value: 'eg' };
    expect(await wakes([[kind, 'a', { matchLabels: { [OWNER]: 'eg' } }]], { label: owner })).toEqual([
      `${kind} system/a begins`,
    ]);
    expect(await wakes([[kind, 'a', EG]], { labels: { ...EG.matchLabels } })).toEqual([]);
    expect(await wakes([[kind, 'a']])).toEqual([]);
  });

  test('reports each peer of a NetworkPolicy, even if the NetworkPolicy already selects the Pod', async () => {
    expect(await wakes([['NetworkPolicy', 'a', {}, EG]])).toEqual(['NetworkPolicy system/a begins']);
    expect(await wakes([['NetworkPolicy', 'a', EG, EG]])).toEqual(['NetworkPolicy system/a begins']);
    expect(await wakes([['NetworkPolicy', 'a', UNLABELLED, EG]])).toEqual([
      'NetworkPolicy system/a ceases',
      'NetworkPolicy system/a begins',
    ]);
  });

  test('accepts a Pod without labels', async () => {
    const store = new MemoryObjectStore();
    store.selecting.push(selecting('Service', 'a', EG));
    const read = await PodSelectors.read(store, ALL, ['Service']);
    expect(read.wakes(pod(), LABEL)).toMatchObject([{ effect: 'begins' }]);
  });

  test.for<{ namespaces: LabelSelector; scope: Scope; asks: boolean; is: boolean }>([
    { namespaces: {}, scope: ALL, asks: true, is: true },
    { namespaces: { matchLabels: { team: 'x' } }, scope: ALL, asks: true, is: true },
    { namespaces: { matchLabels: { team: 'y' } }, scope: ALL, asks: true, is: false },
    {
      namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'system' } },
      scope: { namespaces: ['elsewhere', 'system'], namespaceSelector: '' },
      asks: false,
      is: true,
    },
    {
      namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } },
      scope: { namespaces: ['elsewhere', 'system'], namespaceSelector: '' },
      asks: false,
      is: false,
    },
    {
      namespaces: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] },
      scope: { namespaces: [], namespaceSelector: 'team=x' },
      asks: true,
      is: false,
    },
  ])('matches Pods in other namespaces with $namespaces, in $scope', async ({ namespaces, scope, asks, is }) => {
    const store = new MemoryObjectStore();
    store.namespaceLabels.set('system', { team: 'x', 'kubernetes.io/metadata.name': 'system' }).set('elsewhere', {});
    const peer: PodSelector = { pods: EG, namespaces };
    store.selecting.push({ kind: 'NetworkPolicy', namespace: 'elsewhere', name: 'a', selectors: [{ pods: {} }, peer] });
    const read = await PodSelectors.read(store, scope, ['NetworkPolicy']);
    expect(read.wakes(pod({}), LABEL).map(({ effect }) => effect)).toEqual(is ? ['begins'] : []);
    expect(store.operations.filter(({ name }) => name === 'namespaces')).toEqual(
      asks ? [{ name: 'namespaces', of: '' }] : [],
    );
  });

  test('treats a namespace that was created later as one without labels', async () => {
    const store = new MemoryObjectStore();
    const namespaces = { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['x'] }] };
    store.selecting.push({ kind: 'NetworkPolicy', namespace: 'a', name: 'a', selectors: [{ pods: EG, namespaces }] });
    const read = await PodSelectors.read(store, ALL, ['NetworkPolicy']);
    expect(read.wakes(pod({}), LABEL)).toHaveLength(1);
  });

  test('reads only the given kinds, in the namespaces of the scope, and namespaces only if they matter', async () => {
    const store = new MemoryObjectStore();
    const elsewhere: PodSelector = { pods: { matchLabels: { app: 'shop' } }, namespaces: {} };
    store.selecting.push({ kind: 'NetworkPolicy', namespace: 'a', name: 'a', selectors: [{ pods: EG }, elsewhere] });
    await PodSelectors.read(store, ALL, ['PodDisruptionBudget', 'NetworkPolicy']);
    await PodSelectors.read(store, { namespaces: ['a', 'b'], namespaceSelector: '' }, ['Service']);
    await PodSelectors.read(store, ALL, []);
    expect(store.operations.map(({ of }) => of)).toEqual([
      'PodDisruptionBudget *',
      'NetworkPolicy *',
      'Service a',
      'Service b',
    ]);
  });
});

describe('PodSelectors with PodDisruptionBudgets', () => {
  const APP: LabelSelector = { matchLabels: { app: 'envoy' } };
  const EVERY: LabelSelector = {};

  async function overlap(labels: Labels, ...budgets: readonly LabelSelector[]) {
    const store = new MemoryObjectStore();
    store.selecting.push(
      ...budgets.map((one, index) => selecting('PodDisruptionBudget', `budget-${index}`, one)),
      selecting('PodDisruptionBudget', 'of-nothing'),
      selecting('PodDisruptionBudget', 'shop/elsewhere', EVERY),
      selecting('Service', 'a-service', EG),
    );
    const read = await PodSelectors.read(store, ALL, SELECTING_KINDS);
    const names = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name);
    return { before: names(read.budgets(pod(labels))), after: names(read.newOverlap(pod(labels), LABEL)) };
  }

  test.for([
    { name: 'without any', labels: {}, budgets: [], before: [], after: [] },
    { name: 'with a first one', labels: {}, budgets: [EG], before: [], after: [] },
    {
      name: 'with one that uses neither label',
      labels: { app: 'envoy' },
      budgets: [APP],
      before: ['budget-0'],
      after: [],
    },
    {
      name: 'with a second one',
      labels: { app: 'envoy' },
      budgets: [APP, EG],
      before: ['budget-0'],
      after: ['budget-0', 'budget-1'],
    },
    { name: 'with two at once', labels: {}, budgets: [EG, EG], before: [], after: ['budget-0', 'budget-1'] },
    {
      name: 'with two that overlap already',
      labels: { app: 'envoy' },
      budgets: [APP, EVERY],
      before: ['budget-0', 'budget-1'],
      after: [],
    },
    {
      name: 'with one that no longer selects the Pod',
      labels: {},
      budgets: [UNLABELLED, EG],
      before: ['budget-0'],
      after: [],
    },
    {
      name: 'with a third one',
      labels: { app: 'envoy' },
      budgets: [APP, EVERY, EG],
      before: ['budget-0', 'budget-1'],
      after: ['budget-0', 'budget-1', 'budget-2'],
    },
  ])('$name', async ({ labels, budgets, before, after }) => {
    expect(await overlap(labels, ...budgets)).toEqual({ before, after });
  });
});
