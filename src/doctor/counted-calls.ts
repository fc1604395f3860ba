import type { AdmissionCounters } from '../objects/live-review.ts';

/**
 * How often the API server has called an entry between two readings, by the HTTP status that it got; undefined where it was not
 * the same API server that answered twice.
 */
export function callsBetween(
  before: AdmissionCounters,
  after: AdmissionCounters,
): Readonly<Record<string, number>> | undefined {
  if (before.since !== after.since) return undefined;
  const counts = Object.entries(after.entries[0]?.calls ?? {});
  const grown = counts.map(([status, count]) => [status, count - (before.entries[0]?.calls[status] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}
