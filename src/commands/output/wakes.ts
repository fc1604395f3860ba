import type { OverlapSummary, WakeSummary } from '../../objects/wake-summary.ts';
import { formatTable } from './table.ts';

/** What begins or ceases to select Pods by the labels that they lack; no text when nothing does. */
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

/** Which Pods could not be evicted any more; no text when all could. */
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
