/**
 * Formats rows in aligned columns, as kubectl does. `widths` grows with the rows: pass it again to align the next rows with
 * them.
 */
export function formatTable(rows: readonly (readonly string[])[], widths: number[] = []): string {
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(cell.length, widths[column] ?? 0);
  }
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(Number(widths[column])))
      .join('   ')
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join('');
}

/** A table that is printed as its rows come; each call returns the text to write. A table without rows has no text. */
export interface Table {
  readonly add: (...rows: readonly (readonly string[])[]) => string;
  readonly end: () => string;
}

/** The number of rows that determine the widths of columns: waiting for all rows would hold all of them in memory. */
const ROWS_ALIGNED = 500;

/** Builds a table; without `hasHeader`, it has its rows only. */
export function buildTable(header: readonly string[], hasHeader = true): Table {
  let rows: (readonly string[])[] = [];
  const widths: number[] = [];
  let isHeaderDue = hasHeader;

  const flush = () => {
    if (rows.length === 0) return '';
    const shown = isHeaderDue ? [header, ...rows] : rows;
    isHeaderDue = false;
    rows = [];
    return formatTable(shown, widths);
  };
  return {
    add: (...added) => {
      rows.push(...added);
      return rows.length >= ROWS_ALIGNED ? flush() : '';
    },
    end: flush,
  };
}

/** Puts an empty line between texts that are not empty, and before the first when something stands above it. */
export function paragraphs(texts: readonly string[], isBelow = false): string {
  const shown = texts.filter((text) => text !== '');
  return (isBelow && shown.length > 0 ? '\n' : '') + shown.join('\n');
}
