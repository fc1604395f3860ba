import type { AdmissionCounters, PolicyCounters } from '../installation/counters.ts';

type Counts = Readonly<Record<string, number>>;

/**
 * The number of calls for any of these entries between two readings, by the HTTP status that the API server got; undefined if
 * two different API servers answered.
 */
export function callsBetween(before: AdmissionCounters, after: AdmissionCounters): Counts | undefined {
  if (before.since !== after.since) return undefined;
  return increase(totals(before), totals(after));
}

/** The same for a policy, by the outcome of its uses. */
export function usesBetween(before: PolicyCounters, after: PolicyCounters): Counts | undefined {
  return before.since === after.since ? increase(before.uses, after.uses) : undefined;
}

function totals({ entries }: AdmissionCounters): Counts {
  const all = entries.flatMap(({ calls }) => Object.entries(calls));
  const byCode = Map.groupBy(all, ([code]) => code);
  return Object.fromEntries([...byCode].map(([code, counts]) => [code, counts.reduce((sum, [, n]) => sum + n, 0)]));
}

/** The increase of counts; unchanged ones are left out. */
function increase(before: Counts, after: Counts): Counts {
  const grown = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}
