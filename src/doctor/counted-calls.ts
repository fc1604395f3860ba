import type { AdmissionCounters, PolicyCounters } from '../installation/counters.ts';

type Counts = Readonly<Record<string, number>>;

/**
 * How often the API server has called any of these entries between two readings, by the HTTP status that it got; undefined where
 * it was not the same API server that answered twice.
 */
export function callsBetween(before: AdmissionCounters, after: AdmissionCounters): Counts | undefined {
  if (before.since !== after.since) return undefined;
  return increase(totals(before), totals(after));
}

/** The same of a policy, by how its uses ended. */
export function usesBetween(before: PolicyCounters, after: PolicyCounters): Counts | undefined {
  return before.since === after.since ? increase(before.uses, after.uses) : undefined;
}

function totals({ entries }: AdmissionCounters): Counts {
  const all = entries.flatMap(({ calls }) => Object.entries(calls));
  const byCode = Map.groupBy(all, ([code]) => code);
  return Object.fromEntries([...byCode].map(([code, counts]) => [code, counts.reduce((sum, [, n]) => sum + n, 0)]));
}

/** By how much counts have grown; what has not is left out. */
function increase(before: Counts, after: Counts): Counts {
  const grown = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}
