export type Counts = Readonly<Record<string, number>>;

/** Returns the counters that have changed, and by how much. */
export function increase(before: Counts, after: Counts): Counts {
  const changes = Object.entries(after).map(([key, count]) => [key, count - (before[key] ?? 0)] as const);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}
