/** `npm test` is quick; `npm run test:nightly` generates so many times as much. */
const FACTOR = Number(process.env['NIGHTLY'] ?? 1);

export const isNightly = FACTOR > 1;

/** How many examples of a property are generated, given how many are in `npm test`. */
export function runs(count: number): number {
  return count * FACTOR;
}
