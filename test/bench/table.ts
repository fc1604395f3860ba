import type { Spread } from './spread.ts';

/** One measurement: its figures by name, and ratios between them. */
interface Compared {
  readonly figures: Readonly<Record<string, Spread | undefined>>;
  readonly ratios: Readonly<Record<string, Spread | undefined>>;
}

export interface Column {
  readonly heading: string;
  readonly comparison: Compared;
  /** The figures are shares: shown as percentages, and without ratios. */
  readonly percent?: boolean;
}

/** Formats a table: a line for each name, and one for each ratio, with the title from `titleOf`. */
export function table(title: string, columns: readonly Column[], titleOf: (ratio: string) => string): string {
  const [{ comparison } = { comparison: { figures: {}, ratios: {} } }] = columns;
  const headings = ['', ...columns.map(({ heading }) => heading)];
  const figures = Object.keys(comparison.figures).map((name) => [
    name,
    ...columns.map(({ comparison, percent }) => {
      const figure = comparison.figures[name];
      if (figure === undefined) return '-';
      return percent ? `${Math.round(figure.median * 100)} %` : digits(figure.median);
    }),
  ]);
  const ratios = Object.keys(comparison.ratios).map((name) => [
    titleOf(name),
    ...columns.map(({ comparison, percent }) => {
      const ratio = comparison.ratios[name];
      if (percent) return '';
      return ratio ? withRange(ratio) : '-';
    }),
  ]);
  const numeric = columns.map((_column, index) => index + 1);
  return `${title}\n${aligned([headings, ...figures, ...ratios], numeric)}\n`;
}

/** Aligns rows in columns; the columns in `toTheRight` are aligned to the right. */
export function aligned(rows: readonly (readonly string[])[], toTheRight: readonly number[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      toTheRight.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
  return rows.map((row) => `  ${line(row).join('  ').trimEnd()}`).join('\n');
}

export function withRange({ median, min, max }: Spread): string {
  if (min === max) return digits(median);
  return `${digits(median)} (${digits(min)}–${digits(max)})`;
}

/** Three significant digits, or all digits before the point: no measurement here is more accurate. */
export function digits(figure: number): string {
  const decimals = Math.max(0, 2 - Math.max(0, Math.floor(Math.log10(figure))));
  return figure.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
