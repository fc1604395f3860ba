import { MANAGED_BY, NOTABLE_REASONS, type Reason, type Reverse } from '../admission/gateway.ts';
import { type AmbiguousName, GatewayNames } from './ambiguous-names.ts';
import type { Finding } from './finding.ts';
import { inspectAll } from './inspect.ts';
import { hasMergedFleet } from './merged-fleets.ts';
import { type ObjectStore, SELECTING_KINDS } from './object-store.ts';
import { PodSelectors } from './pod-selectors.ts';
import type { Scope } from './scope.ts';
import { type OverlapSummary, type WakeSummary, Wakes } from './wake-summary.ts';

/** What an audit reports besides findings. */
export interface AuditSummary {
  /** How many objects there are for each reason. */
  readonly reasons: Readonly<Partial<Record<Reason, number>>>;
  readonly wakes: readonly WakeSummary[];
  readonly overlaps: readonly OverlapSummary[];
  readonly ambiguousNames: readonly AmbiguousName[];
  readonly hasMergedFleet: boolean;
  /** The number of objects that would get Envoy Gateway's label although something else manages them, by manager. */
  readonly otherImplementations: Readonly<Record<string, number>>;
}

export interface AuditOptions {
  readonly store: ObjectStore;
  readonly scope: Scope;
  readonly reverse: Reverse;
  /** Called for each object with a problem, in the order of the API server's lists. */
  readonly onFinding: (finding: Finding) => Promise<void> | void;
}

/** Finds every object that is missing a label, or has conflicting or invalid ones. */
export async function audit({ store, scope, reverse, onFinding }: AuditOptions): Promise<AuditSummary> {
  const wakes = new Wakes(await PodSelectors.read(store, scope, SELECTING_KINDS));
  const names = new GatewayNames();
  const reasons: Partial<Record<Reason, number>> = {};
  const others = new Map<string, number>();

  for await (const finding of inspectAll(store, scope, reverse)) {
    const { object, decision } = finding;
    reasons[decision.reason] = (reasons[decision.reason] ?? 0) + 1;
    names.add(object);
    wakes.add(finding);
    const other = otherImplementation(finding);
    if (other !== undefined) others.set(other, (others.get(other) ?? 0) + 1);
    if (NOTABLE_REASONS.has(decision.reason)) await onFinding(finding);
  }
  return {
    reasons,
    wakes: wakes.summaries,
    overlaps: wakes.overlaps,
    ambiguousNames: names.ambiguous(),
    hasMergedFleet: await hasMergedFleet(store, scope),
    otherImplementations: Object.fromEntries(others),
  };
}

/** The manager of an object that is not Envoy Gateway's, but would get its label. */
function otherImplementation({ object, decision }: Finding): string | undefined {
  if (decision.reason !== 'added-owner') return undefined;
  const manager = object.metadata.labels?.[MANAGED_BY.label] ?? 'unknown';
  return manager === MANAGED_BY.value ? undefined : manager;
}
