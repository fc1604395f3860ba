import type { LabelSelector, Labels } from '../objects/label-selector.ts';
import type { PodSelecting, PodSelector, SelectingKind } from '../objects/object-store.ts';

interface ObjectOf<Spec> {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly spec?: Spec;
}

interface PodDisruptionBudgetSpec {
  readonly selector?: LabelSelector | null;
}

interface ServiceSpec {
  readonly type?: string;
  readonly selector?: Labels | null;
}

interface NetworkPolicySpec {
  readonly podSelector?: LabelSelector | null;
  readonly ingress?: readonly { readonly from?: readonly Peer[] | null }[] | null;
  readonly egress?: readonly { readonly to?: readonly Peer[] | null }[] | null;
}

interface Peer {
  /** Addresses instead of Pods. */
  readonly ipBlock?: object;
  readonly podSelector?: LabelSelector | null;
  readonly namespaceSelector?: LabelSelector | null;
}

/** An object of a kind that selects Pods, as the API server has it. */
export type SelectingObject = ObjectOf<PodDisruptionBudgetSpec & ServiceSpec & NetworkPolicySpec>;

/** Reads how an object selects Pods. What Kubernetes takes for "all" and for "none" differs from kind to kind. */
export function podSelecting(kind: SelectingKind, { metadata, spec = {} }: SelectingObject): PodSelecting {
  const { namespace, name } = metadata;
  return { kind, namespace, name, selectors: SELECTORS[kind](spec) };
}

const SELECTORS = {
  /** policy/v1: no selector selects no Pod, an empty one all. */
  PodDisruptionBudget: ({ selector }: PodDisruptionBudgetSpec) => (selector ? [{ pods: selector }] : []),

  /** No selector, or an empty one: endpoints are somebody else's work. An ExternalName has none at all. */
  Service: ({ type, selector }: ServiceSpec) =>
    selector && Object.keys(selector).length > 0 && type !== 'ExternalName'
      ? [{ pods: { matchLabels: selector } }]
      : [],

  /** No selector, or an empty one: all Pods of its namespace. */
  NetworkPolicy: ({ podSelector, ingress, egress }: NetworkPolicySpec) => [
    { pods: podSelector ?? {} },
    ...(ingress ?? []).flatMap(({ from }) => from ?? []).flatMap(peerSelector),
    ...(egress ?? []).flatMap(({ to }) => to ?? []).flatMap(peerSelector),
  ],
} satisfies Record<SelectingKind, (spec: object) => readonly PodSelector[]>;

/** A namespaceSelector without a podSelector: all Pods of these namespaces. */
function peerSelector({ podSelector, namespaceSelector }: Peer): PodSelector[] {
  if (!podSelector && !namespaceSelector) return [];
  return [{ pods: podSelector ?? {}, ...(namespaceSelector && { namespaces: namespaceSelector }) }];
}
