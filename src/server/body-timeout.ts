/**
 * A Go duration, `1m30s`; its parts; and what its units are in milliseconds. No two parts of the pattern match the same
 * digits: a query may have 16 KiB of them, and a pattern that tries every split of those stalls the process for a second.
 */
const DURATION = /^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PART = /([\d.]+)(\D+)/g;
const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** By then the caller has gone: its own clock started before the first byte came here. */
const MARGIN_MS = 1_000;

/**
 * Tells how long a body may take: a little longer than its caller waits (`?timeout=2s`, a Go duration, as the API server
 * has it) and no longer than `mostMs`, which is also the answer where there is no such thing.
 */
export function bodyTimeoutMs(timeout: unknown, mostMs: number): number {
  if (typeof timeout !== 'string' || !DURATION.test(timeout)) return mostMs;
  const parts = timeout.matchAll(PART).map(([, amount, unit]) => Number(amount) * Number(UNITS_MS[String(unit)]));
  const waitsMs = parts.reduce((sum, part) => sum + part, 0);
  return Math.min(mostMs, waitsMs + MARGIN_MS);
}
