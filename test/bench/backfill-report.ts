import type { MeasuredRun } from '../support/measured-run.ts';
import type { Aim } from './results.ts';
import { aligned, digits } from './table.ts';

/** Measurements for `size` objects; each of them is missing a label. */
export interface BackfillResult {
  readonly size: number;
  readonly audit: MeasuredRun;
  /** With the default limits. */
  readonly byDefault: MeasuredRun;
  readonly unlimited: MeasuredRun;
  /** The duration of the bare loop of PATCH calls. */
  readonly bareSeconds: number;
}

export function reportBackfill(results: readonly BackfillResult[], concurrency: number): string {
  const headings = ['objects', 'audit s', 'MiB', 'backfill s', 'MiB', 'unlimited s', 'MiB', 'bare PATCH s', 'ratio'];
  const rows = results.map(({ size, audit, byDefault, unlimited, bareSeconds }) => [
    size.toLocaleString('en'),
    ...[audit, byDefault, unlimited].flatMap(({ seconds, peakRssMib }) => [digits(seconds), digits(peakRssMib)]),
    digits(bareSeconds),
    digits(unlimited.seconds / bareSeconds),
  ]);
  const title = `Wall time from the start of the process, and peak RSS; ${concurrency} writes at once`;
  return `${title}\n${aligned(
    [headings, ...rows],
    headings.map((_heading, column) => column),
  )}\n`;
}

export function backfillAims(results: readonly BackfillResult[]): readonly Aim[] {
  const [least, most] = [results[0], results.at(-1)];
  const ofTenThousand = results.find(({ size }) => size === 10_000)?.byDefault;
  const growth =
    least && most && results.length > 1 ? most.byDefault.peakRssMib - least.byDefault.peakRssMib : undefined;
  return [
    { aim: 'backfill of 10,000 objects', atMost: 90, unit: ' s', figure: once(ofTenThousand?.seconds) },
    {
      aim: 'peak RSS of backfill with 10,000 objects',
      atMost: 160,
      unit: ' MiB',
      figure: once(ofTenThousand?.peakRssMib),
    },
    { aim: 'growth of peak RSS, from the fewest objects to the most', atMost: 20, unit: ' MiB', figure: once(growth) },
  ];
}

/** A single measurement as a spread of one value. */
function once(figure: number | undefined): Aim['figure'] {
  return figure === undefined ? undefined : { median: figure, min: figure, max: figure };
}
