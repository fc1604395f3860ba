import { INK, line, text, widthOf } from './svg.ts';

interface Entry {
  readonly name: string;
  readonly color: string;
}

export const LEGEND_LINE = 14;

/** The width of an entry's colored line, and the gaps after the line and after the name. */
const MARK = 12;
const MARK_GAP = 5;
const GAP = 12;

const widthOfEntry = ({ name }: Entry) => MARK + MARK_GAP + widthOf(name);

/** Wraps the entries of a legend into rows of at most this width. */
export function legendRows(entries: readonly Entry[], width: number): readonly (readonly Entry[])[] {
  const rows: Entry[][] = [];
  let free = 0;
  for (const entry of entries) {
    const needed = widthOfEntry(entry) + GAP;
    if (rows.length === 0 || needed - GAP > free) {
      rows.push([]);
      free = width;
    }
    rows.at(-1)?.push(entry);
    free -= needed;
  }
  return rows;
}

/** Draws the rows of a legend; the baseline of the first one is at y. */
export function drawLegend(rows: readonly (readonly Entry[])[], left: number, y: number): string {
  return rows
    .flatMap((row, index) => {
      let x = left;
      const baseline = y + index * LEGEND_LINE;
      return row.map((entry) => {
        const at = x;
        x += widthOfEntry(entry) + GAP;
        const mark = line(at, baseline - 3.5, at + MARK, baseline - 3.5, entry.color, 2);
        return mark + text(at + MARK + MARK_GAP, baseline, entry.name, { fill: INK });
      });
    })
    .join('\n');
}
