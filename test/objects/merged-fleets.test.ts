import { describe, expect, test } from 'vitest';
import { KINDS, OWNER_CLASS_LABEL } from '../../src/admission/gateway.ts';
import { hasMergedFleet } from '../../src/objects/merged-fleets.ts';
import { MemoryObjectStore } from '../support/memory-object-store.ts';
import { newObject, OWNER, STANDARD } from '../support/stored-objects.ts';

const ALL = { namespaces: [], namespaceSelector: '' };

describe('hasMergedFleet()', () => {
  test.for(KINDS)('returns true for a %s that names only a GatewayClass', async (kind) => {
    const store = new MemoryObjectStore(newObject(kind, 'a', { [OWNER_CLASS_LABEL]: 'eg' }));
    expect(await hasMergedFleet(store, ALL)).toBe(true);
    expect(await hasMergedFleet(store, { namespaces: ['system'], namespaceSelector: '' })).toBe(true);
    expect(await hasMergedFleet(store, { ...ALL, selector: 'app=x' })).toBe(true);
    expect(await hasMergedFleet(store, { namespaces: ['shop'], namespaceSelector: '' })).toBe(false);
  });

  test.for([{ [OWNER]: 'eg' }, { [STANDARD]: 'eg' }, { [OWNER_CLASS_LABEL]: 'eg', [OWNER]: 'eg' }, {}])(
    'returns false for %o',
    async (labels) => {
      const both = { [OWNER_CLASS_LABEL]: 'eg', [STANDARD]: 'eg' };
      const store = new MemoryObjectStore(newObject('Pod', 'a', labels), newObject('Pod', 'b', both));
      expect(await hasMergedFleet(store, ALL)).toBe(false);
    },
  );

  test('continues if the first one is in a namespace that is not selected', async () => {
    const labels = { [OWNER_CLASS_LABEL]: 'eg' };
    const store = new MemoryObjectStore(newObject('Pod', 'a/one', labels), newObject('Pod', 'b/two', labels));
    store.namespaceLabels.set('a', {}).set('b', { team: 'x' });
    expect(await hasMergedFleet(store, { namespaces: [], namespaceSelector: 'team=x' })).toBe(true);
    expect(await hasMergedFleet(store, { namespaces: [], namespaceSelector: 'team=y' })).toBe(false);
  });

  test('lists one object of each kind, and stops after the first', async () => {
    const labels = { [OWNER_CLASS_LABEL]: 'eg' };
    const store = new MemoryObjectStore(...['a', 'b', 'c'].map((name) => newObject('ServiceAccount', name, labels)));
    const limits: unknown[] = [];
    const { list } = store;
    Object.assign(store, {
      list: (query: Parameters<typeof list>[0]) => {
        limits.push(query.limit);
        return list.call(store, query);
      },
    });
    await hasMergedFleet(store, ALL);
    expect([limits, store.operations]).toMatchObject([[1], [{ name: 'list' }]]);
  });
});
