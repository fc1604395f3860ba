/** A sample of a metric. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Returns the samples of one metric from Prometheus' text format. Does not support escapes in label values. */
export function samplesOf(text: string, metric: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .map((line) => ({ labels: labelsOf(line), value: Number(line.slice(line.lastIndexOf(' '))) }));
}

function labelsOf(line: string): Record<string, string> {
  return Object.fromEntries([...line.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]));
}
