import type { Outcome } from './under-load.ts';

export interface InstallTimes {
  /** From the start of `helm install` to its return. */
  readonly returnedAfterMs: number;
  /** From the start of `helm install` to the first object with both labels. */
  readonly labelledAfterMs: number;
  readonly missedAfterReturn: number;
}

/** One step under load. */
export interface Round extends Outcome {
  readonly what: string;
}

/** Writes a Markdown table of installs. */
export function installTable(installs: readonly InstallTimes[]): string {
  const rows = installs.map(({ returnedAfterMs, labelledAfterMs, missedAfterReturn }, index) => [
    index + 1,
    seconds(labelledAfterMs),
    seconds(returnedAfterMs),
    missedAfterReturn,
  ]);
  return table(
    ['install', 'first object with both labels', '`helm install --wait` returned', 'missed after that'],
    rows,
  );
}

/** Writes a Markdown table of steps, one row per kind. */
export function roundTable(rounds: readonly Round[]): string {
  const rows = [...Map.groupBy(rounds, ({ what }) => what)].map(([what, same]) => {
    const loads = same.map(({ load }) => load);
    return [
      `${what} ×${same.length}`,
      sum(loads.map(({ created }) => created)),
      sum(loads.map(({ misses }) => misses.length)),
      sum(same.map(({ calls }) => sum(Object.values(calls.failOpens)))),
      sum(loads.map(({ errors }) => errors.length)),
      causes(same),
      `${range(loads.map(({ p50Ms }) => p50Ms))} ms`,
      `${range(loads.map(({ p99Ms }) => p99Ms))} ms`,
      `${Math.round(Math.max(...loads.map(({ maxMs }) => maxMs)))} ms`,
    ];
  });
  const header = ['', 'created', 'missed', 'failed open', 'errors', 'causes in the log', 'p50', 'p99', 'slowest'];
  return table(header, rows);
}

/** The API server's error messages for failed calls, without parts that differ for each call. */
function causes(rounds: readonly Round[]): string {
  const lines = rounds.flatMap(({ calls }) => calls.causes.filter((line) => line.includes('failing open')));
  const reasons = lines.map((line) =>
    (/\/mutate\?timeout=\d+s\\?": (.*)$/.exec(line)?.[1] ?? line).replaceAll(/\d+\.\d+\.\d+\.\d+:\d+/g, '…'),
  );
  return [...Map.groupBy(reasons, (reason) => reason)].map(([reason, same]) => `${same.length}× ${reason}`).join('; ');
}

function range(figures: readonly number[]): string {
  return `${Math.round(Math.min(...figures))} to ${Math.round(Math.max(...figures))}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}

function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |\n`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('');
}
