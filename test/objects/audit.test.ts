import { describe, expect, test } from 'vitest';
import { MANAGED_BY, OPT_OUT_LABEL, OWNER_CLASS_LABEL, type Reverse } from '../../src/admission/gateway.ts';
import { audit } from '../../src/objects/audit.ts';
import type { Scope } from '../../src/objects/scope.ts';
import { keyOf, MemoryObjectStore } from '../support/memory-object-store.ts';
import { newObject, OWNER, ofEnvoyGateway, STANDARD, selecting } from '../support/stored-objects.ts';

const ALL: Scope = { namespaces: [], namespaceSelector: '' };

async function audited(store: MemoryObjectStore, reverse: Reverse = 'both', scope = ALL) {
  const findings: string[] = [];
  const summary = await audit({
    store,
    scope,
    reverse,
    onFinding: ({ object, decision }) => void findings.push(`${keyOf(object)} ${decision.reason}`),
  });
  return { findings, ...summary };
}

describe('audit()', () => {
  test('reports each object with a finding, and counts all reasons', async () => {
    const { findings, reasons } = await audited(
      new MemoryObjectStore(
        newObject('Pod', 'a', ofEnvoyGateway('eg')),
        newObject('Pod', 'b', ofEnvoyGateway('eg')),
        newObject('Pod', 'c', { [STANDARD]: 'eg' }),
        newObject('Service', 'complete', { [STANDARD]: 'eg', [OWNER]: 'eg' }),
        newObject('Service', 'conflict', { [STANDARD]: 'eg', [OWNER]: 'shop' }),
        newObject('Service', 'invalid', { [OWNER]: '' }),
        newObject('Service', 'deleting', { [OWNER]: 'eg' }, { deletionTimestamp: '2026-11-22T10:00:00Z' }),
        newObject('Service', 'opted-out', { [STANDARD]: 'eg', [OWNER]: 'shop', [OPT_OUT_LABEL]: '' }),
        newObject('Pod', 'mirror', { [OWNER]: 'eg' }, { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
        newObject('Pod', 'other', { app: 'shop' }),
      ),
    );
    expect(findings).toEqual([
      'Pod/system/a added-standard',
      'Pod/system/b added-standard',
      'Pod/system/c added-owner',
      'Service/system/invalid invalid-value',
      'Service/system/conflict conflict',
    ]);
    expect(reasons).toEqual({
      'added-standard': 2,
      'added-owner': 1,
      complete: 1,
      conflict: 1,
      'invalid-value': 1,
      deleting: 1,
      'opted-out': 1,
      'mirror-pod': 1,
    });
  });

  test('reports nothing for a cluster without findings', async () => {
    expect(await audited(new MemoryObjectStore(newObject('Pod', 'a', { app: 'shop' })))).toEqual({
      findings: [],
      reasons: {},
      wakes: [],
      overlaps: [],
      ambiguousNames: [],
      hasMergedFleet: false,
      otherImplementations: {},
    });
  });

  test('reports what missing labels would wake, and which names are ambiguous', async () => {
    const store = new MemoryObjectStore(
      newObject('Pod', 'a', ofEnvoyGateway('eg', 'x')),
      newObject('Pod', 'b', ofEnvoyGateway('eg', 'y')),
      newObject('Service', 'c', ofEnvoyGateway('eg', 'y')),
      newObject('Service', 'merged', { [OWNER_CLASS_LABEL]: 'eg' }),
    );
    const eg = { matchLabels: { [STANDARD]: 'eg' } };
    store.selecting.push(
      selecting('PodDisruptionBudget', 'one', {}),
      selecting('PodDisruptionBudget', 'two', eg),
      selecting('NetworkPolicy', 'three', eg),
      selecting('Service', 'four', eg),
    );
    const found = { namespace: 'system', effect: 'begins', pods: 2, example: 'system/a' };
    expect(await audited(store)).toMatchObject({
      wakes: [
        { kind: 'PodDisruptionBudget', name: 'two', ...found },
        { kind: 'NetworkPolicy', name: 'three', ...found },
        { kind: 'Service', name: 'four', ...found },
      ],
      overlaps: [{ namespace: 'system', budgets: ['one', 'two'], pods: 2, example: 'a' }],
      ambiguousNames: [{ namespace: 'system', name: 'eg', gatewayNamespaces: ['x', 'y'] }],
      hasMergedFleet: true,
    });
  });

  test("counts objects of other implementations that would get Envoy Gateway's label", async () => {
    const managedBy = (manager: string) => ({ [STANDARD]: 'eg', [MANAGED_BY.label]: manager });
    const store = new MemoryObjectStore(
      newObject('Pod', 'a', managedBy('istio')),
      newObject('Pod', 'b', managedBy('istio')),
      newObject('Pod', 'c', managedBy('constructor')),
      newObject('Pod', 'd', { [STANDARD]: 'eg' }),
      newObject('Pod', 'e', managedBy(MANAGED_BY.value)),
      newObject('Pod', 'f', { [OWNER]: 'eg', [MANAGED_BY.label]: 'another' }),
      newObject('Pod', 'g', { ...managedBy('another'), [OWNER]: 'eg' }),
    );
    expect((await audited(store)).otherImplementations).toEqual({ istio: 2, constructor: 1, unknown: 1 });
    expect((await audited(store, 'managed')).otherImplementations).toEqual({});
  });

  test('checks only its scope', async () => {
    const store = new MemoryObjectStore(
      newObject('Pod', 'a', { [OWNER]: 'eg' }),
      newObject('Pod', 'shop/b', { [OWNER]: 'eg' }),
      newObject('Pod', 'merged', { [OWNER_CLASS_LABEL]: 'eg' }),
    );
    store.selecting.push(selecting('Service', 'a', { matchLabels: { [STANDARD]: 'eg' } }));
    const { findings, wakes, hasMergedFleet } = await audited(store, 'both', {
      namespaces: ['shop'],
      namespaceSelector: '',
    });
    expect({ findings, wakes, hasMergedFleet }).toEqual({
      findings: ['Pod/shop/b added-standard'],
      wakes: [],
      hasMergedFleet: false,
    });
  });

  test('waits for the consumer of findings, and rejects if it fails', async () => {
    const store = new MemoryObjectStore(...['a', 'b', 'c'].map((name) => newObject('Pod', name, { [OWNER]: 'eg' })));
    const taken: string[] = [];
    const refused = audit({
      store,
      scope: ALL,
      reverse: 'off',
      onFinding: async ({ object }) => {
        await new Promise(setImmediate);
        taken.push(object.metadata.name);
        if (taken.length === 2) throw new Error('no more');
      },
    });
    await expect(refused).rejects.toThrow('no more');
    expect(taken).toEqual(['a', 'b']);
  });
});
