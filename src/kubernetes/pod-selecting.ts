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
  /** IP addresses instead of Pods. */
  readonly ipBlock?: object;
  readonly podSelector?: LabelSelector | null;
  readonly namespaceSelector?: LabelSelector | null;
}

/** An object that selects Pods, as stored. */
export type SelectingObject = ObjectOf<PodDisruptionBudgetSpec & ServiceSpec & NetworkPolicySpec>;

/** Reads how an object selects Pods. Which selectors mean "all" and "none" depends on the kind. */
export function podSelecting(kind: SelectingKind, { metadata, spec = {} }: SelectingObject): PodSelecting {
  const { namespace, name } = metadata;
  return { kind, namespace, name, selectors: SELECTORS[kind](spec) };
}

const SELECTORS = {
  /** policy/v1: a missing selector selects no Pods, an empty one all of them. */
  PodDisruptionBudget: ({ selector }: PodDisruptionBudgetSpec) => (selector ? [{ pods: selector }] : []),

  /** A missing or empty selector: endpoints are managed elsewhere. An ExternalName has none. */
  Service: ({ type, selector }: ServiceSpec) =>
    selector && Object.keys(selector).length > 0 && type !== 'ExternalName'
      ? [{ pods: { matchLabels: selector } }]
      : [],

  /** A missing or empty selector selects all Pods of the namespace. */
  NetworkPolicy: ({ podSelector, ingress, egress }: NetworkPolicySpec) => [
    { pods: podSelector ?? {} },
    ...(ingress ?? []).flatMap(({ from }) => from ?? []).flatMap(peerSelector),
    ...(egress ?? []).flatMap(({ to }) => to ?? []).flatMap(peerSelector),
  ],
} satisfies Record<SelectingKind, (spec: object) => readonly PodSelector[]>;

/** A namespaceSelector without a podSelector selects all Pods of these namespaces. */
function peerSelector({ podSelector, namespaceSelector }: Peer): PodSelector[] {
  if (!podSelector && !namespaceSelector) return [];
  return [{ pods: podSelector ?? {}, ...(namespaceSelector && { namespaces: namespaceSelector }) }];
}
