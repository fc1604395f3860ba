import { decide, GATEWAY_LABELS, MANAGED_BY, OPT_OUT_LABEL, type Reverse } from '../admission/gateway.ts';
import type { Finding } from './finding.ts';
import type { ObjectStore } from './object-store.ts';
import type { Scope } from './scope.ts';
import { objectsIn } from './scoped-objects.ts';

const { standard, owner } = GATEWAY_LABELS;

/** What has both labels. Which of them contradict each other, no selector can say. */
const BOTH = `${standard},${owner}`;

/** What has one label and lacks the other, so that all other Pods of a cluster cost nothing: one selector a direction. */
function lacking(reverse: Reverse): readonly string[] {
  const lacksStandard = `${owner},!${standard},!${OPT_OUT_LABEL}`;
  const lacksOwner = `${standard},!${owner},!${OPT_OUT_LABEL}`;
  return {
    both: [lacksStandard, lacksOwner],
    managed: [lacksStandard, `${lacksOwner},${MANAGED_BY.label}=${MANAGED_BY.value}`],
    off: [lacksStandard],
  }[reverse];
}

/** Yields every object of a scope that lacks a label, with the decision of the rule; also what the rule leaves alone. */
export function inspectLacking(store: ObjectStore, scope: Scope, reverse: Reverse): AsyncGenerator<Finding> {
  return inspect(store, scope, reverse, lacking(reverse));
}

/** Yields every object of a scope that the rule may have something to say of: it lacks a label, or has both. */
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
