import { type CA, type CACertificate, inEvery } from './ca.ts';
import type { Observation, Registration } from './observation.ts';

/** Shared by the steps of a decision: the known CAs, where they are registered, and the time. */
export interface Knowledge {
  readonly known: readonly CA[];
  readonly entries: readonly Registration[];
  /** In every caBundle, in date and not distrusted: their certificates are accepted everywhere. */
  readonly registered: readonly CACertificate[];
  /** In any caBundle. */
  readonly live: readonly CACertificate[];
  readonly seenForMs: ReadonlyMap<string, number>;
  readonly now: Date;
}

/** Combines everything that a decision depends on. */
export function know(
  cas: readonly CA[],
  entries: readonly Registration[],
  { serving, seenForMs, now }: Pick<Observation, 'serving' | 'seenForMs' | 'now'>,
): Knowledge {
  const live = entries.flatMap((entry) => entry.cas);
  const known = withUnknown(cas, serving ? [...live, serving.ca] : live, now);
  const registered = inEvery(entries.map((entry) => entry.cas)).filter((ca) => isTrusted(ca, known, now));
  return { known, entries, registered, live, seenForMs, now };
}

/**
 * The CAs of the Secret, and other CAs that may be in use: the Secret may have been deleted, or restored from a backup. Those
 * count as retired now, without keys.
 */
function withUnknown(cas: readonly CA[], found: readonly CACertificate[], now: Date): readonly CA[] {
  const known = new Map(cas.map((ca) => [ca.fingerprint, ca]));
  for (const { fingerprint, cert, notBefore, notAfter, renewAt } of found) {
    if (notAfter <= now || known.has(fingerprint)) continue;
    known.set(fingerprint, { fingerprint, cert, notBefore, notAfter, renewAt, state: 'retired', since: now });
  }
  return [...known.values()];
}

/** Reports whether certificates from a CA may be accepted. */
export function isTrusted(certificate: CACertificate, known: readonly CA[], now: Date): boolean {
  const isDistrusted = known.some((ca) => ca.state === 'distrusted' && ca.fingerprint === certificate.fingerprint);
  return certificate.notAfter > now && !isDistrusted;
}
