import type { FormerCA } from './ca.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Lifetimes and intervals. Only tests change them. */
export interface Timing {
  readonly caLifetimeMs: number;
  readonly servingLifetimeMs: number;
  /** API servers learn of a new caBundle by watch; a CA only signs after it has been in there for this long. */
  readonly propagationMs: number;
  /**
   * How far a replica's clock may differ from an API server's. Certificates are backdated by as much (`BACKDATE_MS`): if the
   * clock were further ahead, verifiers would find them not yet valid. Two replicas may differ by twice as much.
   */
  readonly clockSkewMs: number;
  /** How often Secret, configuration and clock are read. */
  readonly pollMs: number;
}

export const TIMING: Timing = {
  caLifetimeMs: 365 * DAY_MS,
  servingLifetimeMs: DAY_MS,
  propagationMs: MINUTE_MS,
  clockSkewMs: HOUR_MS,
  // Including the time of a repair, well below the 15 s in which an edit of the caBundle must be repaired.
  pollMs: 10_000,
};

/** What decides how long a CA stays in the caBundle after it has signed for the last time. */
type Retirement = Pick<FormerCA, 'since' | 'notAfter'>;

/** Returns until when a retired CA must stay in the caBundle: its last certificate may be in use until then. */
export function neededUntil({ since, notAfter }: Retirement, { servingLifetimeMs, clockSkewMs }: Timing): Date {
  // The clocks of two other replicas matter: of the one that signed, and of the one that retired the CA.
  const lastServed = since.getTime() + servingLifetimeMs + 2 * clockSkewMs;
  return new Date(Math.min(lastServed, notAfter.getTime()));
}

/** Returns when a retired CA leaves the caBundle: with a margin, so that a replica with a slow clock does not put it back. */
export function leavesAt(ca: Retirement, timing: Timing): Date {
  return new Date(Math.min(neededUntil(ca, timing).getTime() + 2 * timing.clockSkewMs, ca.notAfter.getTime()));
}
