import { type CA, type CACertificate, fingerprintOf, has, hasSigned, shortened } from '../certificates/ca.ts';
import type { Registration } from '../certificates/observation.ts';
import { caBundleFault } from '../certificates/rotation.ts';
import { leavesAt, type Timing } from '../certificates/timing.ts';
import { caBundlesOf } from '../installation/ca-bundle.ts';
import type { Served } from '../installation/served.ts';
import { judgeBundle, judgeServed, servingFault } from './certificates.ts';
import type { Judgement } from './check.ts';
import { judgeReadyPods } from './endpoints.ts';

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
        /** Whether the API server accepts it, for every entry. */
        readonly trusted: boolean;
      }
    | { readonly pod: string; readonly problem: string }
  )[];
  /** What happens next, and when. */
  readonly next: readonly { readonly at: Date; readonly event: string }[];
  readonly problems: readonly Judgement[];
}

export interface TrustState {
  readonly cas: readonly CA[];
  readonly refused: readonly string[];
  readonly entries: readonly Registration[];
  readonly services: readonly ServedService[];
  /** By the API server's clock. */
  readonly now: Date;
}

/** A Service, and the certificate of each of its ready Pods. */
export interface ServedService {
  readonly namespace: string;
  readonly name: string;
  readonly served: readonly Served[];
}

/** Describes the CAs, the certificates in use, problems, and what happens next. Pure. */
export function reportTrust(state: TrustState, timing: Timing): TrustReport {
  const { cas, entries, services, now } = state;
  const registered = entries.flatMap((entry) => entry.cas);
  const unknown = registered.filter((ca, index) => !has(cas, ca) && !has(registered.slice(0, index), ca));
  const count = (ca: CACertificate) => entries.filter((entry) => has(entry.cas, ca)).length;

  const served = services.flatMap((service) => service.served);
  const serving = served.map((one) => {
    if ('problem' in one) return one;
    const { pod, certificate } = one;
    const issuer = [...cas, ...unknown].find((ca) => hasSigned(ca, certificate));
    return {
      pod,
      fingerprint: fingerprintOf(certificate),
      notAfter: certificate.validToDate,
      ...(issuer && { ca: issuer.fingerprint }),
      trusted: servingFault(one, { mode: 'self', now })?.status !== 'failure',
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
    problems: problemsOf(state, served, timing).filter(({ status }) => status !== 'ok'),
  };
}

function problemsOf(state: TrustState, served: readonly Served[], timing: Timing): Judgement[] {
  const { refused, entries, services, now } = state;
  const circumstances = { mode: 'self', now } as const;
  const bundles = caBundlesOf(entries).map((bundle) => judgeBundle(bundle, circumstances));
  // A bad caBundle is reported once, not again in comparison with the Secret.
  const isAmiss = bundles.some(({ status }) => status === 'failure');
  return [
    ...refused.map((reason) => failure('secret', `part of the Secret cannot be used: ${reason}`)),
    ...bundles,
    ...(isAmiss ? [] : compared(state, timing)),
    ...services.map(({ namespace, name, served: ofService }) =>
      judgeReadyPods({ namespace, name, pods: ofService.map(({ pod }) => pod) }),
    ),
    ...judgeServed(served, circumstances),
  ];
}

/** Compares the caBundles with the CAs of the Secret. */
function compared({ cas, entries, now }: TrustState, timing: Timing): Judgement[] {
  if (entries.length === 0) return [failure('entries', 'the MutatingWebhookConfiguration has no entries')];
  const fault = caBundleFault(cas, entries, now, timing);
  return fault === undefined ? [] : [failure('ca-bundle', `the caBundle is wrong: ${fault}`)];
}

function failure(name: string, message: string): Judgement {
  return { name, status: 'failure', message };
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
    if (ca.state === 'active') return { at: ca.renewAt, event: `a new CA joins ${name} in the caBundle` };
    // It is published within seconds of its creation, and replicas count from there.
    const published = has(live, ca) ? ca.since : now;
    const at = new Date(Math.max(now.getTime(), published.getTime() + timing.propagationMs));
    return { at, event: `${name} starts signing at about this time` };
  }
  if (ca.state === 'distrusted' || !has(live, ca)) return undefined;
  return { at: leavesAt(ca, timing), event: `${name} leaves the caBundle` };
}
