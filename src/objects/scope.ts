import type { ObjectStore } from './object-store.ts';

/** Which namespaces a command looks at. */
export interface Scope {
  /** Empty: all of them. */
  readonly namespaces: readonly string[];
  /** A label selector for namespaces, as for kubectl's `-l`; empty for all. */
  readonly namespaceSelector: string;
  /** The same for objects. */
  readonly selector?: string;
}

/** The requests to make, one after the other: all namespaces take a single one. */
export function asked({ namespaces }: Scope): readonly (string | undefined)[] {
  return namespaces.length === 0 ? [undefined] : namespaces;
}

/** Returns a test for the namespaces of a scope. Resolves a selector by asking the API server. */
export async function inScope(store: ObjectStore, scope: Scope): Promise<(namespace: string) => boolean> {
  if (scope.namespaceSelector === '') return () => true;
  const selected = new Set<string>();
  for await (const { name } of store.namespaces(scope.namespaceSelector)) selected.add(name);
  return (namespace) => selected.has(namespace);
}
