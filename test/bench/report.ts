import type { Aim, BodyResult, Results, StartResult } from './results.ts';
import type { StrangersResult } from './strangers.ts';
import { aligned, digits, table, withRange } from './table.ts';

const ofYardstick = (yardstick: string) => `webhook ÷ ${yardstick}`;

export function reportBody({ title, bytes, connections, comparisons }: BodyResult): string {
  return table(
    `${title}: ${kilobytes(bytes)}, c=${connections}`,
    [
      { heading: 'req/s', comparison: comparisons.requestsPerSecond },
      { heading: 'CPU µs/req', comparison: comparisons.cpuMicrosecondsPerRequest },
      { heading: 'p50 ms', comparison: comparisons.p50Ms },
      { heading: 'p99 ms', comparison: comparisons.p99Ms },
      { heading: 'RSS MiB', comparison: comparisons.rssMib },
      { heading: 'of a core', comparison: comparisons.busy, percent: true },
    ],
    ofYardstick,
  );
}

export function reportStart(title: string, { firstAnswerMs, cpuMs, idleRssMib }: StartResult): string {
  return table(
    title,
    [
      { heading: 'ms', comparison: firstAnswerMs },
      { heading: 'CPU ms', comparison: cpuMs },
      { heading: 'idle RSS MiB', comparison: idleRssMib },
    ],
    ofYardstick,
  );
}

export function reportBurst({ bytes, connections, requests, peakRssMib }: Results['burst']): string {
  return table(
    `${requests} reviews of ${kilobytes(bytes)} to a fresh process, c=${connections}`,
    [{ heading: 'peak RSS MiB', comparison: peakRssMib }],
    ofYardstick,
  );
}

/** Formats the results for the API server's reviews while other clients misbehave. */
export function reportStrangers(results: readonly StrangersResult[]): string {
  const headings = ['', 'reviews', 'failed', 'slowest ms', 'peak RSS MiB'];
  const rows = results.map(({ strangers, reviews, failed, slowestMs, peakRssMib }) => [
    strangers,
    `${reviews}`,
    `${failed}`,
    digits(slowestMs),
    peakRssMib === undefined ? '-' : digits(peakRssMib),
  ]);
  return `The API server's reviews, 4 at once with a timeout of 2 s, while other clients misbehave\n${aligned([headings, ...rows], [1, 2, 3, 4])}\n`;
}

export function reportAims(aims: readonly Aim[], coresUsedByOthers: number | undefined): string {
  const rows = aims.map(({ aim, atMost, unit, figure }) => {
    const bound = `at most ${atMost}${unit}`;
    if (figure === undefined) return ['not measured', aim, '-', bound];
    return [figure.median <= atMost ? 'reached' : 'missed', aim, withRange(figure), bound];
  });
  const noise = coresUsedByOthers === undefined ? 'an unknown number of' : digits(coresUsedByOthers);
  return `Targets: median (lowest–highest of the rounds). Other processes used ${noise} cores during the run\n${aligned(rows, [2])}\n`;
}

function kilobytes(bytes: number): string {
  return `${digits(bytes / 1000)} KB`;
}
