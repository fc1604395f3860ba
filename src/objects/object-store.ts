import type { Kind, Label } from '../admission/gateway.ts';
import type { LabelSelector, Labels } from './label-selector.ts';
import type { StoredObject } from './stored-object.ts';

/** The objects of a cluster, by the API server. What it answers with errors for good, rejects. */
export interface ObjectStore {
  /**
   * Yields the metadata of the objects of one kind that a selector selects, page after page: each of them once, also when a
   * page has to be asked for again.
   */
  readonly list: (query: ObjectQuery) => AsyncIterable<StoredObject>;

  /** The object as it is now; undefined when there is none. */
  readonly get: (reference: ObjectReference) => Promise<StoredObject | undefined>;

  /**
   * Adds a label to exactly the object that was read: `conflict` when it has been changed since, `gone` when it is not there
   * any more. Never changes a label that is there. `dryRun`: the API server judges and stores nothing.
   */
  readonly addLabel: (object: StoredObject, label: Label, options: { readonly dryRun: boolean }) => Promise<Written>;

  /** Yields the namespaces that a selector (as kubectl's `-l`) selects. */
  readonly namespaces: (labelSelector: string) => AsyncIterable<StoredNamespace>;

  /** Yields what selects Pods by their labels, in one namespace or in all. */
  readonly podSelecting: (kind: SelectingKind, namespace: string | undefined) => AsyncIterable<PodSelecting>;
}

/** `refused`: what the API server says against this object's change; others may be accepted. */
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
  /** None where it selects nothing: a Service without a selector. A NetworkPolicy has one for itself and one for each peer. */
  readonly selectors: readonly PodSelector[];
}

export interface PodSelector {
  readonly pods: LabelSelector;
  /** Of the Pods' namespaces; undefined: the namespace of what selects. */
  readonly namespaces?: LabelSelector;
}
