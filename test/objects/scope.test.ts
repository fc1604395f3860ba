import { expect, test } from 'vitest';
import { asked, inScope } from '../../src/objects/scope.ts';
import { MemoryObjectStore } from '../support/memory-object-store.ts';

test('asked() is one question for all namespaces, and one for each that is named', () => {
  expect(asked({ namespaces: [], namespaceSelector: 'a=b' })).toEqual([undefined]);
  expect(asked({ namespaces: ['a', 'b'], namespaceSelector: '' })).toEqual(['a', 'b']);
});

test('inScope() has the API server select namespaces, and asks for nothing where no selector is', async () => {
  const store = new MemoryObjectStore();
  store.namespaceLabels.set('a', { team: 'x' }).set('b', { team: 'y' }).set('c', {});

  const all = await inScope(store, { namespaces: [], namespaceSelector: '' });
  expect(['a', 'b', 'unknown'].map(all)).toEqual([true, true, true]);
  expect(store.operations).toEqual([]);

  const selected = await inScope(store, { namespaces: [], namespaceSelector: 'team=x' });
  expect(['a', 'b', 'c', 'unknown'].map(selected)).toEqual([true, false, false, false]);
});
