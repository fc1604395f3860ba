import { decide, GATEWAY_LABELS, MANAGED_BY, OPT_OUT_LABEL, type Reverse } from '../admission/gateway.ts';
import type { Finding } from './finding.ts';
import type { ObjectStore } from './object-store.ts';
import type { Scope } from './scope.ts';
import { objectsIn } from './scoped-objects.ts';

const { standard, owner } = GATEWAY_LABELS;

/** Objects with both labels. A selector cannot compare their values. */
const BOTH = `${standard},${owner}`;

/** Objects with one of the labels, so that other Pods of the cluster cost nothing: one selector for each direction. */
function lacking(reverse: Reverse): readonly string[] {
  const lacksStandard = `${owner},!${standard},!${OPT_OUT_LABEL}`;
  const lacksOwner = `${standard},!${owner},!${OPT_OUT_LABEL}`;
  return {
    both: [lacksStandard, lacksOwner],
    managed: [lacksStandard, `${lacksOwner},${MANAGED_BY.label}=${MANAGED_BY.value}`],
    off: [lacksStandard],
  }[reverse];
}

/** Yields every object of a scope that is missing a label, with the rule's decision; also those that the rule leaves alone. */
export function inspectLacking(store: ObjectStore, scope: Scope, reverse: Reverse): AsyncGenerator<Finding> {
  return inspect(store, scope, reverse, lacking(reverse));
}

/** Yields every object of a scope with one of the labels or both, with the rule's decision. */
export function inspectAll(store: ObjectStore, scope: Scope, reverse: Reverse): AsyncGenerator<Finding> {
  return inspect(store, scope, reverse, [...lacking(reverse), BOTH]);
}

async function* inspect(
  store: ObjectStore,
  scope: Scope,
  reverse: Reverse,
  labelSelectors: readonly string[],
): AsyncGenerator<Finding> {
  for await (const object of objectsIn(store, scope, labelSelectors)) {
    yield { object, decision: decide(object.metadata, reverse) };
  }
}
