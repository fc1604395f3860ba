import { type CA, has, type SigningCA } from './ca.ts';
import { isTrusted, type Knowledge, know } from './knowledge.ts';
import type { Observation, ObservedSecret, Registration, ServingState } from './observation.ts';
import { leavesAt, neededUntil, type Timing } from './timing.ts';

/** How long a CA is remembered after it left all caBundles: a stale read must not bring it back. */
const REMEMBERED_MS = 7 * 24 * 60 * 60 * 1000;

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
