import type { Kind, Label } from '../admission/gateway.ts';
import type { LabelSelector, Labels } from './label-selector.ts';
import type { StoredObject } from './stored-object.ts';

/** The objects of a cluster. Rejects with permanent errors of the API server. */
export interface ObjectStore {
  /**
   * Yields the metadata of the selected objects of one kind, page by page: each object once, even if a page must be
   * requested again.
   */
  readonly list: (query: ObjectQuery) => AsyncIterable<StoredObject>;

  /** The object as it is now; undefined when there is none. */
  readonly get: (reference: ObjectReference) => Promise<StoredObject | undefined>;

  /**
   * Adds a label to exactly the version that was read: `conflict` if the object has changed since, `gone` if it no longer
   * exists. Never changes an existing label. `dryRun`: server-side dry run; nothing is persisted.
   */
  readonly addLabel: (object: StoredObject, label: Label, options: { readonly dryRun: boolean }) => Promise<Written>;

  /** Yields the namespaces that a selector (as kubectl's `-l`) selects. */
  readonly namespaces: (labelSelector: string) => AsyncIterable<StoredNamespace>;

  /** Yields the objects that select Pods by labels, in one namespace or in all. */
  readonly podSelecting: (kind: SelectingKind, namespace: string | undefined) => AsyncIterable<PodSelecting>;
}

/** `refused`: why the API server rejects the change of this object; others may be accepted. */
export type Written = 'added' | 'conflict' | 'gone' | { readonly refused: string };

export interface ObjectQuery {
  readonly kind: Kind;
  /** Undefined: all of them. */
  readonly namespace: string | undefined;
  /** As kubectl's `-l`. */
  readonly labelSelector: string;
  /** How many a page has; 500 unless it is given. */
  readonly limit?: number;
}

export interface ObjectReference {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

export interface StoredNamespace {
  readonly name: string;
  readonly labels: Labels;
}

export const SELECTING_KINDS = ['PodDisruptionBudget', 'NetworkPolicy', 'Service'] as const;
export type SelectingKind = (typeof SELECTING_KINDS)[number];

/** A PodDisruptionBudget, a NetworkPolicy or a Service, with the selectors by which it finds Pods. */
export interface PodSelecting {
  readonly kind: SelectingKind;
  readonly namespace: string;
  readonly name: string;
  /** Empty if it selects nothing, such as a Service without a selector. A NetworkPolicy has one for itself and one per peer. */
  readonly selectors: readonly PodSelector[];
}

export interface PodSelector {
  readonly pods: LabelSelector;
  /** Selects the namespaces of the Pods; undefined for the selecting object's own namespace. */
  readonly namespaces?: LabelSelector;
}
