/**
 * Formats rows as columns that stand under each other, as kubectl does. `widths` grow with what is formatted: given again,
 * they align what comes next with it.
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
