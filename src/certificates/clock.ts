import type { Timing } from './timing.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * Says how far this clock is off, given how many ms it is ahead of the API server's; undefined if certificates allow it.
 *
 * Without the API server's time, this clock is accepted: a proxy that drops a header must not take all replicas out of
 * service.
 */
export function clockProblem(
  aheadMs: number | undefined,
  { clockSkewMs }: Pick<Timing, 'clockSkewMs'>,
): string | undefined {
  if (aheadMs === undefined || Math.abs(aheadMs) <= clockSkewMs) return undefined;
  const than = aheadMs > 0 ? 'ahead of' : 'behind';
  return `the clock is ${duration(Math.abs(aheadMs))} ${than} the API server's, certificates allow ${duration(clockSkewMs)}`;
}

/** In whole minutes, so that the text does not change with each measurement. */
function duration(ms: number): string {
  const rounded = Math.round(ms / MINUTE_MS) * MINUTE_MS;
  const days = Math.floor(rounded / DAY_MS);
  const hours = Math.floor((rounded % DAY_MS) / HOUR_MS);
  const minutes = (rounded % HOUR_MS) / MINUTE_MS;
  const parts = [days > 0 && `${days} d`, hours > 0 && `${hours} h`, minutes > 0 && `${minutes} min`];
  return parts.filter(Boolean).join(' ');
}
