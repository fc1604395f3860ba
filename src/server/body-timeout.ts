/**
 * A Go duration such as `1m30s`, its parts, and its units in milliseconds. No two parts of the pattern match the same
 * digits: a query may have 16 KiB of them, and a pattern that tries every split stalls the process for a second.
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

/** The caller is gone by then: its timeout started before the first byte arrived here. */
const MARGIN_MS = 1_000;

/**
 * Returns how long a body may take: a little longer than its caller waits (the API server sends `?timeout=2s`, a Go
 * duration), but at most `mostMs`, which also applies without such a parameter.
 */
export function bodyTimeoutMs(timeout: unknown, mostMs: number): number {
  if (typeof timeout !== 'string' || !DURATION.test(timeout)) return mostMs;
  const parts = timeout.matchAll(PART).map(([, amount, unit]) => Number(amount) * Number(UNITS_MS[String(unit)]));
  const waitsMs = parts.reduce((sum, part) => sum + part, 0);
  return Math.min(mostMs, waitsMs + MARGIN_MS);
}
