import { describe, expect, test } from 'vitest';
import { decide, type Reverse } from '../../src/admission/gateway.ts';
import { ObjectsJudge } from '../../src/doctor/objects.ts';
import type { PodSelecting } from '../../src/objects/object-store.ts';
import { PodSelectors } from '../../src/objects/pod-selectors.ts';
import type { StoredObject } from '../../src/objects/stored-object.ts';
import { gatewayObject, OWNER, OWNER_NAMESPACE, STANDARD } from '../support/gateway-objects.ts';

const BOTH = { [STANDARD]: 'eg', [OWNER]: 'eg' };
const MANAGED = { 'app.kubernetes.io/managed-by': 'envoy-gateway' };

async function judged(
  objects: readonly StoredObject[],
  { budgets = [], reverse = 'both' }: { budgets?: readonly PodSelecting[]; reverse?: Reverse } = {},
) {
  const store = {
    podSelecting: async function* () {
      yield* budgets;
    },
  };
  const selectors = await PodSelectors.read(
    store as unknown as Parameters<typeof PodSelectors.read>[0],
    { namespaces: [], namespaceSelector: '' },
    ['PodDisruptionBudget'],
  );
  const judge = new ObjectsJudge(selectors, reverse);
  for (const object of objects) judge.add({ object, decision: decide(object.metadata, reverse) });
  return judge.judgements();
}

const budget = (name: string, matchLabels: Record<string, string>): PodSelecting => ({
  kind: 'PodDisruptionBudget',
  namespace: 'a-namespace',
  name,
  selectors: [{ pods: { matchLabels } }],
});

describe('ObjectsJudge', () => {
  test('succeeds without objects', async () => {
    expect(await judged([])).toEqual([
      { name: 'all', status: 'ok', message: 'no objects generated for Gateways found' },
    ]);
  });

  test('succeeds with complete objects', async () => {
    expect(await judged([gatewayObject('eg', { ...BOTH, ...MANAGED })])).toEqual([
      { name: 'all', status: 'ok', message: 'no problems found with one object generated for Gateways' },
    ]);
  });

  test('counts objects that are missing a label, with some examples', async () => {
    const objects = ['a', 'b', 'c', 'd', 'e'].map((name) => gatewayObject(name, { [OWNER]: 'eg', ...MANAGED }));
    expect(await judged([...objects, gatewayObject('f', { ...BOTH, ...MANAGED })], { reverse: 'managed' })).toEqual([
      {
        name: 'lacking',
        status: 'warning',
        message: 'missing a label: 5 of 6 objects generated for Gateways',
        details: [
          ...['a', 'b', 'c'].map((name) => `Service a-namespace/${name} is missing ${STANDARD}=eg`),
          'and 2 more',
        ],
        advice: 'Run `gateway-name-webhook backfill -A --reverse managed --dry-run`, then without --dry-run.',
      },
    ]);
  });

  test('reports labels that differ, and labels without a valid name', async () => {
    const objects = [
      gatewayObject('a', { [STANDARD]: 'one', [OWNER]: 'another' }),
      gatewayObject('b', { [OWNER]: '' }),
      gatewayObject('c', { [OWNER]: '' }),
    ];
    expect(await judged(objects)).toMatchObject([
      {
        name: 'conflicts',
        status: 'warning',
        message: 'one object with conflicting gateway labels',
        details: [`Service a-namespace/a: ${STANDARD}=one, ${OWNER}=another`],
      },
      {
        name: 'invalid-values',
        status: 'warning',
        message: '2 objects with a gateway label that names no Gateway',
        details: ['Service a-namespace/b', 'Service a-namespace/c'],
      },
    ]);
  });

  test('reports names that several Gateways have', async () => {
    const objects = ['one', 'another'].map((namespace) =>
      gatewayObject(namespace, { ...BOTH, ...MANAGED, [OWNER_NAMESPACE]: namespace }),
    );
    expect(await judged(objects)).toMatchObject([
      {
        name: 'ambiguous-names',
        status: 'warning',
        message: `in a-namespace, ${STANDARD}=eg matches Gateways in another and one`,
      },
    ]);
  });

  test('reports Pods that several PodDisruptionBudgets select', async () => {
    const objects = [
      gatewayObject('pod', { ...BOTH, ...MANAGED }, { kind: 'Pod' }),
      gatewayObject('other-pod', { ...BOTH, ...MANAGED, [OWNER]: 'eg' }, { kind: 'Pod', namespace: 'another' }),
      gatewayObject('no-pod', { ...BOTH, ...MANAGED }),
    ];
    const budgets = [budget('by-standard', { [STANDARD]: 'eg' }), budget('by-owner', { [OWNER]: 'eg' })];
    expect(await judged(objects, { budgets })).toMatchObject([
      {
        name: 'budget-overlaps',
        status: 'warning',
        message: 'Pods that match several PodDisruptionBudgets, so they cannot be evicted and node drains hang: 1',
        details: ['Pod a-namespace/pod: by-standard, by-owner'],
      },
    ]);
  });

  test("notes objects of other implementations that have Envoy Gateway's label, or would get it", async () => {
    const set = (manager: string) => [
      { manager, fieldsV1: { 'f:metadata': { 'f:labels': { [`f:${OWNER}`]: {}, [`f:${STANDARD}`]: {} } } } },
    ];
    const objects = [
      gatewayObject('touched', BOTH),
      gatewayObject('touched-by-backfill', BOTH, { managedFields: set('gateway-name-webhook') }),
      gatewayObject('not-touched', BOTH, { managedFields: set('istiod') }),
      gatewayObject('created-so', BOTH, { managedFields: set('kubectl-create') }),
    ];
    const notes = await judged(objects);
    expect(notes).toMatchObject([
      { name: 'all', status: 'ok' },
      {
        name: 'foreign',
        status: 'note',
        message: `2 objects of other implementations with ${OWNER}, or about to get it`,
        details: ['Service a-namespace/touched', 'Service a-namespace/touched-by-backfill'],
        advice:
          'To leave them alone, set rule.reverse=managed. To leave a single object alone, label it gateway-name-webhook/ignore.',
      },
    ]);
    const managed = (await judged(objects, { reverse: 'managed' })).at(-1);
    expect(managed?.advice).toBe('To leave a single object alone, label it gateway-name-webhook/ignore.');
    const lacking = await judged([gatewayObject('to-be-touched', { [STANDARD]: 'eg' })]);
    expect(lacking.map(({ name }) => name)).toEqual(['lacking', 'foreign']);
    expect(await judged([gatewayObject('left-alone', { [STANDARD]: 'eg' })], { reverse: 'off' })).toMatchObject([
      { name: 'all', status: 'ok' },
    ]);
  });
});
