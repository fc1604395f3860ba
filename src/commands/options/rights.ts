import type { Right } from '../../objects/right.ts';

const LABELLED = ['serviceaccounts', 'pods', 'services'];

/** To find objects that are missing a label. */
const LIST_LABELLED: readonly Right[] = LABELLED.map((resource) => of('', resource, 'list'));

/** To find Pods that would match several PodDisruptionBudgets. */
const LIST_BUDGETS = of('policy', 'poddisruptionbudgets', 'list');

/** To find what else would start to select Pods. */
const LIST_POLICIES = of('networking.k8s.io', 'networkpolicies', 'list');

/** The permissions that `list` requires. */
export const LIST_RIGHTS = LIST_LABELLED;

/** The permissions that `audit` requires. */
export const AUDIT_RIGHTS = [...LIST_LABELLED, LIST_BUDGETS, LIST_POLICIES];

/** The permissions that `backfill` requires. */
export const BACKFILL_RIGHTS = [
  ...LIST_LABELLED,
  ...LABELLED.flatMap((resource) => [of('', resource, 'get'), of('', resource, 'patch')]),
  LIST_BUDGETS,
];

/** A dry run also reports what would start to select Pods. */
export const DRY_RUN_RIGHTS = [...BACKFILL_RIGHTS, LIST_POLICIES];

/** Also required for a namespace selector. */
export const LIST_NAMESPACES: Right = { ...of('', 'namespaces', 'list'), namespaced: false };

function of(group: string, resource: string, verb: string): Right {
  return { verb, group, resource, namespaced: true };
}
