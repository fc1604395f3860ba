import {
  type Aim,
  type BodyResult,
  type Comparison,
  type Results,
  SERVERS,
  type StartResult,
  YARDSTICKS,
} from './results.ts';
import type { Spread } from './spread.ts';

/** A column of a table: its heading, and what it shows. */
interface Column {
  readonly heading: string;
  readonly comparison: Comparison;
  /** A part of a whole: of no interest as a ratio to another. */
  readonly percent?: boolean;
}

/** Writes one part of the report: the measurements with one body. */
export function reportBody({ title, bytes, connections, comparisons }: BodyResult): string {
  return table(`${title}: ${kilobytes(bytes)}, c=${connections}`, [
    { heading: 'req/s', comparison: comparisons.requestsPerSecond },
    { heading: 'CPU µs/req', comparison: comparisons.cpuMicrosecondsPerRequest },
    { heading: 'p50 ms', comparison: comparisons.p50Ms },
    { heading: 'p99 ms', comparison: comparisons.p99Ms },
    { heading: 'RSS MiB', comparison: comparisons.rssMib },
    { heading: 'of a core', comparison: comparisons.busy, percent: true },
  ]);
}

/** Writes one part of the report: starts. */
export function reportStart(title: string, { firstAnswerMs, cpuMs, idleRssMib }: StartResult): string {
  return table(title, [
    { heading: 'ms', comparison: firstAnswerMs },
    { heading: 'CPU ms', comparison: cpuMs },
    { heading: 'idle RSS MiB', comparison: idleRssMib },
  ]);
}

/** Writes one part of the report: the burst of large reviews. */
export function reportBurst({ bytes, connections, requests, peakRssMib }: Results['burst']): string {
  return table(`${requests} reviews of ${kilobytes(bytes)} to a fresh process, c=${connections}`, [
    { heading: 'peak RSS MiB', comparison: peakRssMib },
  ]);
}

/** Writes the last part of the report: what is aimed at, and what was reached. */
export function reportAims(aims: readonly Aim[], coresUsedByOthers: number | undefined): string {
  const rows = aims.map(({ aim, atMost, unit, figure }) => {
    const bound = `at most ${atMost}${unit}`;
    if (figure === undefined) return ['not measured', aim, '-', bound];
    return [figure.median <= atMost ? 'reached' : 'missed', aim, withRange(figure), bound];
  });
  const noise = coresUsedByOthers === undefined ? 'an unknown part' : digits(coresUsedByOthers);
  return `Aims: median (least–most of the rounds); meanwhile other processes used ${noise} of a core\n${aligned(rows, [2])}\n`;
}

function table(title: string, columns: readonly Column[]): string {
  const headings = ['', ...columns.map(({ heading }) => heading)];
  const servers = SERVERS.map((server) => [
    server,
    ...columns.map(({ comparison, percent }) => {
      const figure = comparison.figures[server];
      if (figure === undefined) return '-';
      return percent ? `${Math.round(figure.median * 100)} %` : digits(figure.median);
    }),
  ]);
  const ratios = YARDSTICKS.map((yardstick) => [
    `webhook ÷ ${yardstick}`,
    ...columns.map(({ comparison, percent }) => {
      const ratio = comparison.ratios[yardstick];
      if (percent) return '';
      return ratio ? withRange(ratio) : '-';
    }),
  ]);
  const numeric = columns.map((_column, index) => index + 1);
  return `${title}\n${aligned([headings, ...servers, ...ratios], numeric)}\n`;
}

/** Lays out rows in columns; those of `toTheRight` have figures. */
export function aligned(rows: readonly (readonly string[])[], toTheRight: readonly number[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      toTheRight.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
  return rows.map((row) => `  ${line(row).join('  ').trimEnd()}`).join('\n');
}

function withRange({ median, min, max }: Spread): string {
  if (min === max) return digits(median);
  return `${digits(median)} (${digits(min)}–${digits(max)})`;
}

/** Three digits, or all before the point: no measurement here is any better. */
export function digits(figure: number): string {
  const decimals = Math.max(0, 2 - Math.max(0, Math.floor(Math.log10(figure))));
  return figure.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function kilobytes(bytes: number): string {
  return `${digits(bytes / 1000)} KB`;
}
