import type { FormerCA } from './ca.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long things live and take. Tests make them shorter; nobody else sets them. */
export interface Timing {
  readonly caLifetimeMs: number;
  readonly servingLifetimeMs: number;
  /** API servers learn of a new caBundle by watch; a CA signs only after it has been in there for so long. */
  readonly propagationMs: number;
  /**
   * The most that a replica's clock may differ from an API server's. Certificates are backdated by as much (`BACKDATE_MS`):
   * what a clock further ahead issues is not valid yet to those who verify it. Two replicas may differ by twice as much.
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
  // With the time a repair takes, well below the 15 s in which an edit of the caBundle is to be undone.
  pollMs: 10_000,
};

/** Tells until when a retired CA must stay in the caBundle: what it signed last may be served until then. */
export function neededUntil({ since, notAfter }: FormerCA, { servingLifetimeMs, clockSkewMs }: Timing): Date {
  // The clock of the replica that signed, and the one of the replica that retired it: neither is ours.
  const lastServed = since.getTime() + servingLifetimeMs + 2 * clockSkewMs;
  return new Date(Math.min(lastServed, notAfter.getTime()));
}

/** Tells when a retired CA leaves the caBundle. Later than it could: the replica with the slowest clock puts nothing back. */
export function leavesAt(ca: FormerCA, timing: Timing): Date {
  return new Date(Math.min(neededUntil(ca, timing).getTime() + 2 * timing.clockSkewMs, ca.notAfter.getTime()));
}
