import type { OverlapSummary, WakeSummary } from '../../objects/wake-summary.ts';
import { formatTable } from './table.ts';

/** What would start or stop selecting Pods by their missing labels; empty if nothing would. */
export function formatWakes(wakes: readonly WakeSummary[]): string {
  if (wakes.length === 0) return '';
  const rows = wakes.map(({ kind, namespace, name, effect, pods, example }) => [
    namespace,
    `${kind}/${name}`,
    effect === 'begins' ? 'starts selecting' : 'stops selecting',
    String(pods),
    example,
  ]);
  return formatTable([['NAMESPACE', 'OBJECT', 'EFFECT', 'PODS', 'EXAMPLE'], ...rows]);
}

/** The Pods that could no longer be evicted; empty if there are none. */
export function formatOverlaps(overlaps: readonly OverlapSummary[]): string {
  if (overlaps.length === 0) return '';
  const rows = overlaps.map(({ namespace, budgets, pods, example }) => [
    namespace,
    budgets.join(', '),
    String(pods),
    example,
  ]);
  return formatTable([['NAMESPACE', 'OVERLAPPING PODDISRUPTIONBUDGETS', 'PODS', 'EXAMPLE'], ...rows]);
}
