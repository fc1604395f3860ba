/** One line of Prometheus' text format. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Returns the samples of one metric out of Prometheus' text format. */
export function samplesOf(text: string, metric: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .map((line) => ({ labels: labelsOf(line), value: Number(line.slice(line.lastIndexOf(' '))) }));
}

/** Returns the counters that have changed, by how much. */
export function increase(before: Counts, after: Counts): Counts {
  const changes = Object.entries(after).map(([key, count]) => [key, count - (before[key] ?? 0)] as const);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}

export type Counts = Readonly<Record<string, number>>;

function labelsOf(line: string): Record<string, string> {
  return Object.fromEntries([...line.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]));
}
