import type { ObjectStore } from './object-store.ts';

/** Which namespaces a command looks at. */
export interface Scope {
  /** Empty: all of them. */
  readonly namespaces: readonly string[];
  /** As kubectl's `-l`, of all namespaces; empty: no matter which labels they have. */
  readonly namespaceSelector: string;
  /** The same of the objects. */
  readonly selector?: string;
}

/** What to ask the API server for, one after the other: all namespaces at once cost one question. */
export function asked({ namespaces }: Scope): readonly (string | undefined)[] {
  return namespaces.length === 0 ? [undefined] : namespaces;
}

/** Tells which namespaces are in a scope. The API server is asked for those that a selector selects. */
export async function inScope(store: ObjectStore, scope: Scope): Promise<(namespace: string) => boolean> {
  if (scope.namespaceSelector === '') return () => true;
  const selected = new Set<string>();
  for await (const { name } of store.namespaces(scope.namespaceSelector)) selected.add(name);
  return (namespace) => selected.has(namespace);
}
