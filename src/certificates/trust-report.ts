import type { X509Certificate } from 'node:crypto';
import { type CA, type CACertificate, fingerprintOf, has, hasSigned } from './ca.ts';
import { caBundleFault, type Registration } from './rotation.ts';
import { leavesAt, type Timing } from './timing.ts';

/** The certificate of a ready Pod, or why it is unknown. */
export type Served = { readonly pod: string } & (
  | { readonly certificate: X509Certificate }
  | { readonly problem: string }
);

/** The state of CAs and certificates, for people and machines. In JSON, times are in RFC 3339 format. */
export interface TrustReport {
  readonly cas: readonly {
    readonly fingerprint: string;
    readonly state: CA['state'] | 'unknown';
    readonly since?: Date;
    readonly notAfter: Date;
    /** How many of the configuration's entries have it in their caBundle. */
    readonly inCABundles: number;
  }[];
  readonly serving: readonly (
    | {
        readonly pod: string;
        readonly fingerprint: string;
        readonly notAfter: Date;
        /** Fingerprint of the CA that issued it; absent if unknown. */
        readonly ca?: string;
        /** Whether every caBundle has that CA, and both are in date. */
        readonly trusted: boolean;
      }
    | { readonly pod: string; readonly problem: string }
  )[];
  /** What happens next, and when. */
  readonly next: readonly { readonly at: Date; readonly event: string }[];
  readonly problems: readonly string[];
}

export interface TrustState {
  readonly cas: readonly CA[];
  readonly refused: readonly string[];
  readonly entries: readonly Registration[];
  readonly served: readonly Served[];
  readonly now: Date;
}

/** Describes the CAs, the certificates in use, problems, and what happens next. Pure. */
export function reportTrust(state: TrustState, timing: Timing): TrustReport {
  const { cas, refused, entries, served, now } = state;
  const registered = entries.flatMap((entry) => entry.cas);
  const unknown = registered.filter((ca, index) => !has(cas, ca) && !has(registered.slice(0, index), ca));
  const count = (ca: CACertificate) => entries.filter((entry) => has(entry.cas, ca)).length;

  const serving = served.map((one) => {
    if ('problem' in one) return one;
    const { pod, certificate } = one;
    const issuer = [...cas, ...unknown].find((ca) => hasSigned(ca, certificate));
    const isInDate = certificate.validToDate > now && issuer !== undefined && issuer.notAfter > now;
    return {
      pod,
      fingerprint: fingerprintOf(certificate),
      notAfter: certificate.validToDate,
      ...(issuer && { ca: issuer.fingerprint }),
      trusted: isInDate && entries.length > 0 && count(issuer) === entries.length,
    };
  });

  return {
    cas: [
      ...cas.map((ca) => {
        const { fingerprint, state, since, notAfter } = ca;
        return { fingerprint, state, since, notAfter, inCABundles: count(ca) };
      }),
      ...unknown.map((ca) => {
        return {
          fingerprint: ca.fingerprint,
          state: 'unknown' as const,
          notAfter: ca.notAfter,
          inCABundles: count(ca),
        };
      }),
    ],
    serving,
    next: nextEvents(cas, registered, now, timing),
    problems: [
      ...refused.map((reason) => `part of the Secret cannot be used: ${reason}`),
      ...caBundleProblems(state, timing),
      ...(served.length === 0 ? ['no Pod is ready'] : []),
      ...serving.flatMap((one) => {
        if ('problem' in one) return [one.problem];
        return one.trusted ? [] : [`Pod ${one.pod} serves a certificate that the API server does not trust`];
      }),
    ],
  };
}

function caBundleProblems({ cas, entries, now }: TrustState, timing: Timing): string[] {
  if (entries.length === 0) return ['the MutatingWebhookConfiguration has no entries'];
  const fault = caBundleFault(cas, entries, now, timing);
  return fault === undefined ? [] : [`the caBundle is wrong: ${fault}`];
}

function nextEvents(cas: readonly CA[], live: readonly CACertificate[], now: Date, timing: Timing) {
  const events = cas.flatMap((ca) => {
    const event = nextEvent(ca, live, now, timing);
    return event ? [event] : [];
  });
  return events.sort((a, b) => a.at.getTime() - b.at.getTime());
}

function nextEvent(ca: CA, live: readonly CACertificate[], now: Date, timing: Timing) {
  const name = `CA ${shortened(ca.fingerprint)}`;
  if ('key' in ca) {
    return ca.state === 'active'
      ? { at: ca.renewAt, event: `a new CA joins ${name} in the caBundle` }
      : { at: new Date(now.getTime() + timing.propagationMs), event: `${name} starts signing at about this time` };
  }
  if (ca.state === 'distrusted' || !has(live, ca)) return undefined;
  return { at: leavesAt(ca, timing), event: `${name} leaves the caBundle` };
}

/** Enough of a fingerprint for people to distinguish CAs. */
export function shortened(fingerprint: string): string {
  return fingerprint.slice(0, 12);
}
