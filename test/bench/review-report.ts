import type { Form, OneOf } from './pod-lists.ts';
import type { Aim } from './results.ts';
import { spread } from './spread.ts';
import { aligned, digits } from './table.ts';
import type { Used } from './used.ts';

/** What was measured with one file. */
export interface ReviewResult {
  readonly form: Form;
  readonly bytes: number;
  readonly oneOf: OneOf;
  readonly pods: number;
  readonly review: Used;
  /** Undefined where the file is too large for it. */
  readonly yardstick: Used | undefined;
}

/** Writes the table of a bench of review. */
export function reportReviews(results: readonly ReviewResult[]): string {
  const headings = [
    'file, and how many Pods lack a label',
    'Pods',
    'review CPU s',
    'peak MiB',
    'parse CPU s',
    'peak MiB',
    'CPU ratio',
  ];
  const rows = results.map((result) => [
    title(result),
    result.pods.toLocaleString('en'),
    ...figures(result.review),
    ...figures(result.yardstick),
    cell(ratio(result)),
  ]);
  const toTheRight = headings.map((_heading, column) => column).slice(1);
  return `review -o yaml, and a parser that is given the whole file\n${aligned([headings, ...rows], toTheRight)}\n`;
}

/** Holds results against what is aimed at. */
export function reviewAims(results: readonly ReviewResult[]): readonly Aim[] {
  return results.flatMap((result) => [
    { aim: `${title(result)}: CPU, of the parser's`, atMost: 3, unit: '×', figure: spread([ratio(result)]) },
    { aim: `${title(result)}: peak RSS`, atMost: 200, unit: ' MiB', figure: spread([result.review.peakRssMib]) },
  ]);
}

function title({ form, bytes, oneOf }: ReviewResult): string {
  return `${bytes / 1e6} MB of ${form.toUpperCase()}, 1 of ${oneOf}`;
}

function ratio({ review, yardstick }: ReviewResult): number | undefined {
  return yardstick && review.cpuSeconds / yardstick.cpuSeconds;
}

function figures(used: Used | undefined): string[] {
  return [cell(used?.cpuSeconds), cell(used?.peakRssMib)];
}

function cell(figure: number | undefined): string {
  return figure === undefined ? '-' : digits(figure);
}
