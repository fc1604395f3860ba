import type { Right } from '../../objects/right.ts';

const LABELLED = ['serviceaccounts', 'pods', 'services'];

/** To find what lacks a label. */
const LIST_LABELLED: readonly Right[] = LABELLED.map((resource) => of('', resource, 'list'));

/** To tell which Pods several PodDisruptionBudgets would select. */
const LIST_BUDGETS = of('policy', 'poddisruptionbudgets', 'list');

/** To tell what else begins to select Pods. */
const LIST_POLICIES = of('networking.k8s.io', 'networkpolicies', 'list');

/** The rights that `list` takes. */
export const LIST_RIGHTS = LIST_LABELLED;

/** The rights that `audit` takes. */
export const AUDIT_RIGHTS = [...LIST_LABELLED, LIST_BUDGETS, LIST_POLICIES];

/** The rights that `backfill` takes. */
export const BACKFILL_RIGHTS = [
  ...LIST_LABELLED,
  ...LABELLED.flatMap((resource) => [of('', resource, 'get'), of('', resource, 'patch')]),
  LIST_BUDGETS,
];

/** A dry run also tells what begins to select Pods. */
export const DRY_RUN_RIGHTS = [...BACKFILL_RIGHTS, LIST_POLICIES];

/** What a selector of namespaces takes, beside. */
export const LIST_NAMESPACES: Right = { ...of('', 'namespaces', 'list'), namespaced: false };

function of(group: string, resource: string, verb: string): Right {
  return { verb, group, resource, namespaced: true };
}
