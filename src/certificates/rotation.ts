import { type CA, type CACertificate, has, inEvery, type SigningCA } from './ca.ts';
import { leavesAt, neededUntil, type Timing } from './timing.ts';

/** How long a CA is remembered after it left all caBundles: a stale read must not bring it back. */
const REMEMBERED_MS = 7 * 24 * 60 * 60 * 1000;

/** The serving certificate of a replica, as far as rotation needs it. */
export interface ServingState {
  readonly ca: CACertificate;
  readonly notAfter: Date;
  readonly renewAt: Date;
}

/** The Secret, as it was read. */
export interface ObservedSecret {
  readonly resourceVersion: string;
  readonly cas: readonly CA[];
  /** Why something in it could not be used. */
  readonly refused: readonly string[];
}

/** The MutatingWebhookConfiguration, as it was read. */
export interface ObservedConfiguration {
  readonly resourceVersion: string;
  readonly entries: readonly Registration[];
}

/** One entry of the configuration. */
export interface Registration {
  readonly name: string;
  readonly caBundle: string;
  /** The CAs of this program in it. */
  readonly cas: readonly CACertificate[];
}

/** Everything that a decision depends on. */
export interface Observation {
  /** Undefined when there is no such Secret. */
  readonly secret: ObservedSecret | undefined;
  /** Undefined when there is no such configuration. */
  readonly configuration: ObservedConfiguration | undefined;
  /** What this replica serves; undefined when it has no serving certificate yet. */
  readonly serving: ServingState | undefined;
  /** How long, in ms, this replica has seen each CA in the caBundle without interruption, by fingerprint. */
  readonly seenForMs: ReadonlyMap<string, number>;
  /** Read before the objects: lifetimes count from here, even if the replica is paused in between. */
  readonly now: Date;
}

/** What to do next. After each action except `wait` and `rest`, read everything again. */
export type Action =
  | { readonly do: 'wait'; readonly reason: string }
  | { readonly do: 'issue-serving'; readonly ca: SigningCA; readonly reason: string }
  | {
      readonly do: 'write-bundle';
      readonly resourceVersion: string;
      readonly entries: readonly string[];
      readonly caBundle: string;
      readonly reason: string;
    }
  | { readonly do: 'create-secret' }
  | {
      readonly do: 'add-ca';
      readonly resourceVersion: string;
      readonly state: 'active' | 'pending';
      /** The CAs to keep in the Secret besides the new one. */
      readonly cas: readonly CA[];
      readonly reason: string;
    }
  | {
      readonly do: 'write-secret';
      readonly resourceVersion: string;
      readonly cas: readonly CA[];
      readonly reason: string;
    }
  | { readonly do: 'rest' };

/** Shared by the steps of a decision: the known CAs, where they are registered, and the time. */
interface Knowledge {
  readonly known: readonly CA[];
  readonly entries: readonly Registration[];
  /** In every caBundle, in date and not distrusted: their certificates are accepted everywhere. */
  readonly registered: readonly CACertificate[];
  /** In any caBundle. */
  readonly live: readonly CACertificate[];
  readonly seenForMs: ReadonlyMap<string, number>;
  readonly now: Date;
}

/**
 * Decides what a replica does about the CAs, the caBundle and its own serving certificate. Pure.
 *
 * Every replica runs it; there is no leader. Decisions are only written if nothing has changed since the read. Steps are in
 * order of urgency: first what only this replica needs, then what all clients trust, then what can wait.
 */
export function planRotation(observation: Observation, timing: Timing): Action {
  const { secret, configuration, serving } = observation;
  if (!configuration) return { do: 'wait', reason: 'the MutatingWebhookConfiguration does not exist yet' };
  const { entries } = configuration;
  if (entries.length === 0) return { do: 'wait', reason: 'the MutatingWebhookConfiguration has no entries' };

  const knowledge = know(secret?.cas ?? [], entries, observation);
  const active = secret && inState(secret.cas, 'active');
  if (active) {
    const reason = reissueReason(active, serving, knowledge, timing);
    if (reason !== undefined) return { do: 'issue-serving', ca: active, reason };
  }
  const bundle = planBundle(knowledge, timing);
  if (bundle) {
    const { resourceVersion } = configuration;
    return { do: 'write-bundle', resourceVersion, entries: entries.map(({ name }) => name), ...bundle };
  }
  if (!secret) return { do: 'create-secret' };
  return (
    planAddition(secret, knowledge) ??
    planPromotion(secret, knowledge, timing) ??
    planTidying(secret, knowledge, timing) ?? { do: 'rest' }
  );
}

/** Says what is wrong with the caBundles, given the CAs of the Secret; undefined if nothing is. Pure. */
export function caBundleFault(
  cas: readonly CA[],
  entries: readonly Registration[],
  now: Date,
  timing: Timing,
): string | undefined {
  return planBundle(know(cas, entries, { serving: undefined, seenForMs: new Map(), now }), timing)?.reason;
}

function know(
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

function isTrusted(certificate: CACertificate, known: readonly CA[], now: Date): boolean {
  const isDistrusted = known.some((ca) => ca.state === 'distrusted' && ca.fingerprint === certificate.fingerprint);
  return certificate.notAfter > now && !isDistrusted;
}

/** Says why this replica should issue a serving certificate for itself now; undefined if it should not, or cannot yet. */
function reissueReason(
  active: CA,
  serving: ServingState | undefined,
  { registered, seenForMs, now }: Knowledge,
  { propagationMs }: Timing,
): string | undefined {
  if (!has(registered, active)) return undefined;
  if (!serving) return 'there is none yet';
  if (now >= serving.notAfter) return `it expired at ${serving.notAfter.toISOString()}`;
  if (!has(registered, serving.ca)) return 'clients no longer trust its CA';
  if (serving.ca.fingerprint === active.fingerprint) {
    return now >= serving.renewAt ? `it expires at ${serving.notAfter.toISOString()}` : undefined;
  }
  // All clients trust the certificate in use: wait until every API server has seen the new CA.
  return (seenForMs.get(active.fingerprint) ?? 0) >= propagationMs ? 'another CA is active now' : undefined;
}

function planBundle({ known, entries, live, now }: Knowledge, timing: Timing) {
  const wanted = known.filter((ca) => {
    if (ca.notAfter <= now || ca.state === 'distrusted') return false;
    if (ca.state !== 'retired' || now < neededUntil(ca, timing)) return true;
    return now < leavesAt(ca, timing) && has(live, ca);
  });
  // A fixed order, so that replicas do not overwrite each other in turns.
  wanted.sort((a, b) => a.notBefore.getTime() - b.notBefore.getTime() || (a.fingerprint < b.fingerprint ? -1 : 1));
  const caBundle = wanted.map(({ cert }) => cert).join('');
  // With an empty caBundle, the API server would trust the CAs of its own system.
  if (caBundle === '' || entries.every((entry) => entry.caBundle === caBundle)) return undefined;

  const isMissing = wanted.some((ca) => entries.some(({ cas }) => !has(cas, ca)));
  return { caBundle, reason: isMissing ? 'a CA is missing from it' : 'it contains more than it should' };
}

function planAddition(
  { resourceVersion, refused }: ObservedSecret,
  { known, live, now }: Knowledge,
): Action | undefined {
  if (inState(known, 'pending')) return undefined;
  const add = (state: 'active' | 'pending', reason: string): Action => {
    return { do: 'add-ca', resourceVersion, state, cas: known, reason };
  };
  const active = inState(known, 'active');
  if (active) {
    return now < active.renewAt
      ? undefined
      : add('pending', `the active CA expires at ${active.notAfter.toISOString()}`);
  }
  // Active immediately only if no registered CA can be in use: one may be, even without its key.
  const state = live.some((ca) => isTrusted(ca, known, now)) ? 'pending' : 'active';
  return add(state, refused[0] ?? 'there is no CA that can sign');
}

function planPromotion(
  { resourceVersion }: ObservedSecret,
  { known, registered, seenForMs, now }: Knowledge,
  { propagationMs }: Timing,
): Action | undefined {
  const pending = inState(known, 'pending');
  if (!pending || !has(registered, pending)) return undefined;
  const isAlone = registered.length === 1;
  if (!isAlone && (seenForMs.get(pending.fingerprint) ?? 0) < propagationMs) return undefined;
  return {
    do: 'write-secret',
    resourceVersion,
    cas: known.map((ca) => promoted(ca, now)),
    reason: 'every API server has seen the pending CA',
  };
}

/** The pending CA becomes active. The previous one no longer signs, so its key is deleted. */
function promoted(ca: CA, now: Date): CA {
  if (ca.state === 'pending') return { ...ca, state: 'active', since: now };
  if (ca.state !== 'active') return ca;
  const { key, ...certificate } = ca;
  return { ...certificate, state: 'retired', since: now };
}

function planTidying(
  { resourceVersion, cas, refused }: ObservedSecret,
  { known, live, now }: Knowledge,
  timing: Timing,
): Action | undefined {
  const kept = known.filter((ca) => {
    if (ca.state !== 'retired' || has(live, ca)) return true;
    return now.getTime() < leavesAt(ca, timing).getTime() + REMEMBERED_MS;
  });
  const tidy = (reason: string): Action => ({ do: 'write-secret', resourceVersion, cas: kept, reason });
  if (refused[0] !== undefined) return tidy(refused[0]);
  if (known.length > cas.length) return tidy('a CA in use is missing from it');
  return kept.length < cas.length ? tidy('a CA is no longer in use') : undefined;
}

function inState(cas: readonly CA[], state: SigningCA['state']): SigningCA | undefined {
  return cas.find((ca): ca is SigningCA => ca.state === state);
}
