import type { Form, OneOf } from './pod-lists.ts';
import type { Aim } from './results.ts';
import { spread } from './spread.ts';
import { aligned, digits } from './table.ts';
import type { Used } from './used.ts';

export interface ReviewResult {
  readonly form: Form;
  readonly bytes: number;
  readonly oneOf: OneOf;
  readonly pods: number;
  readonly review: Used;
  /** Undefined if the file is too large to be parsed as a whole. */
  readonly yardstick: Used | undefined;
}

export function reportReviews(results: readonly ReviewResult[]): string {
  const headings = [
    'file, and how many Pods are missing a label',
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
  return `review -o yaml, and a parser of the whole file\n${aligned([headings, ...rows], toTheRight)}\n`;
}

export function reviewAims(results: readonly ReviewResult[]): readonly Aim[] {
  return results.flatMap((result) => [
    { aim: `${title(result)}: CPU ÷ parser`, atMost: 3, unit: '×', figure: spread([ratio(result)]) },
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
