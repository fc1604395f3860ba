/** How many times as many examples `npm run test:nightly` generates as `npm test`. */
const FACTOR = Number(process.env['NIGHTLY'] ?? 1);

export const isNightly = FACTOR > 1;

/** The number of examples for a property, given the number in `npm test`. */
export function runs(count: number): number {
  return count * FACTOR;
}
