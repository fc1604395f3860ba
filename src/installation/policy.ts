import type { WebhookEntry } from './sending.ts';

/** Which label a policy adds: what the chart writes behind the release's name. */
export const POLICY_DIRECTIONS = ['standard', 'owner'] as const;

/** A MutatingAdmissionPolicy as it is stored, as far as it tells what it does. */
export interface StoredPolicy {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
  readonly spec: {
    readonly failurePolicy: string;
    readonly matchConstraints: Pick<WebhookEntry, 'namespaceSelector' | 'objectSelector'> & {
      readonly resourceRules?: WebhookEntry['rules'];
    };
  };
}

/** A policy of a release. */
export interface InstalledPolicy extends StoredPolicy {
  readonly direction: (typeof POLICY_DIRECTIONS)[number];
  /** What the binding of the same name makes of it: a policy without one does nothing, and a binding may narrow it. */
  readonly binding: 'missing' | 'of-another-policy' | 'narrowed' | 'whole';
}
