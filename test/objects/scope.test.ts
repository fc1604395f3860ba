import { expect, test } from 'vitest';
import { asked, inScope } from '../../src/objects/scope.ts';
import { MemoryObjectStore } from '../support/memory-object-store.ts';

test('asked() returns one list for all namespaces, and one for each given namespace', () => {
  expect(asked({ namespaces: [], namespaceSelector: 'a=b' })).toEqual([undefined]);
  expect(asked({ namespaces: ['a', 'b'], namespaceSelector: '' })).toEqual(['a', 'b']);
});

test('inScope() lists the namespaces that match the selector, and sends no request without a selector', async () => {
  const store = new MemoryObjectStore();
  store.namespaceLabels.set('a', { team: 'x' }).set('b', { team: 'y' }).set('c', {});

  const all = await inScope(store, { namespaces: [], namespaceSelector: '' });
  expect(['a', 'b', 'unknown'].map(all)).toEqual([true, true, true]);
  expect(store.operations).toEqual([]);

  const selected = await inScope(store, { namespaces: [], namespaceSelector: 'team=x' });
  expect(['a', 'b', 'c', 'unknown'].map(selected)).toEqual([true, false, false, false]);
});
