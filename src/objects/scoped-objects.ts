import { KINDS } from '../admission/gateway.ts';
import type { ObjectQuery, ObjectStore } from './object-store.ts';
import { asked, inScope, type Scope } from './scope.ts';
import type { StoredObject } from './stored-object.ts';

/** Yields the objects of a scope that any of these selectors matches, by kind; an object that matches two comes twice. */
export async function* objectsIn(
  store: ObjectStore,
  scope: Scope,
  labelSelectors: readonly string[],
  page: Pick<ObjectQuery, 'limit'> = {},
): AsyncGenerator<StoredObject> {
  const isInScope = await inScope(store, scope);
  for (const kind of KINDS) {
    for (const namespace of asked(scope)) {
      for (const either of labelSelectors) {
        const labelSelector = [either, scope.selector].filter(Boolean).join(',');
        for await (const object of store.list({ kind, namespace, labelSelector, ...page })) {
          if (isInScope(object.metadata.namespace)) yield object;
        }
      }
    }
  }
}
