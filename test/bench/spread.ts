/** The median and the range of several rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Summarizes the figures of several rounds; undefined if there are none, or one is missing. */
export function spread(figures: readonly (number | undefined)[]): Spread | undefined {
  const sorted = figures.filter((figure) => figure !== undefined).sort((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined || sorted.length < figures.length) return undefined;
  const middle = sorted.length / 2;
  const halves = [sorted[Math.ceil(middle) - 1] ?? min, sorted[Math.floor(middle)] ?? max] as const;
  return { median: (halves[0] + halves[1]) / 2, min, max };
}

/** Summarizes the ratios of figures of the same round, because a disturbance affects both. */
export function ratios(
  figures: readonly (number | undefined)[],
  others: readonly (number | undefined)[],
): Spread | undefined {
  return spread(
    figures.map((figure, round) => {
      const other = others[round];
      return figure === undefined || other === undefined ? undefined : figure / other;
    }),
  );
}
