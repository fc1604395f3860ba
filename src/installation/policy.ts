import type { Direction } from './direction.ts';
import type { Sender } from './sending.ts';

/** A MutatingAdmissionPolicy as it is stored, as far as it tells what it does. */
export interface StoredPolicy {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
  readonly spec: {
    readonly failurePolicy: string;
    readonly matchConstraints: Pick<Sender, 'namespaceSelector' | 'objectSelector'> & {
      readonly resourceRules?: Sender['rules'];
    };
  };
}

/** A policy of a release. */
export interface InstalledPolicy extends StoredPolicy {
  /** Which the chart writes behind the release's name. */
  readonly direction: Direction;
  /** What the binding of the same name makes of it: a policy without one does nothing, and a binding may narrow it. */
  readonly binding: 'missing' | 'of-another-policy' | 'narrowed' | 'whole';
}
