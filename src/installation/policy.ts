import type { Direction } from './direction.ts';
import type { Sender } from './sending.ts';

/** The fields of a MutatingAdmissionPolicy that are read. */
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
  /** The suffix of its name. */
  readonly direction: Direction;
  /** What the binding of the same name makes of it: a policy without one does nothing, and a binding may narrow it. */
  readonly binding: Binding;
}

export type Binding = 'missing' | 'of-another-policy' | 'narrowed' | 'whole';

const BINDING_FAULTS = {
  missing: 'has no binding, so it does nothing',
  'of-another-policy': 'has a binding that names another policy, so it does nothing',
  narrowed: 'has a binding that narrows it, so it may leave objects out',
  whole: undefined,
} as const satisfies Record<Binding, string | undefined>;

/** Says what is wrong with the binding of a policy, in words that follow the policy's name; undefined when nothing is. */
export function bindingFault(binding: Binding): string | undefined {
  return BINDING_FAULTS[binding];
}
