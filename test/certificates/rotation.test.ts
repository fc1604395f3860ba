import { describe, expect, test } from 'vitest';
import type { CA, CACertificate } from '../../src/certificates/ca.ts';
import type { Observation, ServingState } from '../../src/certificates/observation.ts';
import { type Action, planRotation } from '../../src/certificates/rotation.ts';
import { leavesAt, neededUntil, TIMING } from '../../src/certificates/timing.ts';
import { former, namedCA, signing } from '../support/cas.ts';
import { hoursLater, ISSUED_AT as NOW } from '../support/certificates.ts';

const DAY = 24;
const WEEK = 7 * DAY;

/** How long clients need a retired CA, in hours: the lifetime of a serving certificate (a day) plus clock skew. */
const NEEDED = 26;
const KEPT = 28;

/** The time after which every API server has seen a CA. */
const SEEN = TIMING.propagationMs;

interface Situation {
  /** Undefined if there is no Secret. */
  readonly secret?: readonly CA[] | undefined;
  readonly refused?: readonly string[];
  /** For each entry, a list of CAs, or any text; undefined if there is no webhook configuration. */
  readonly bundles?: readonly (readonly CACertificate[] | string)[] | undefined;
  readonly serving?: ServingState;
  readonly seen?: Readonly<Record<string, number>>;
}

function observation({ secret, refused = [], bundles, serving, seen = {} }: Situation): Observation {
  return {
    secret: secret && { resourceVersion: 's1', cas: secret, refused },
    configuration: bundles && {
      resourceVersion: 'c1',
      entries: bundles.map((bundle, index) => ({
        name: `entry-${index}`,
        caBundle: typeof bundle === 'string' ? bundle : text(bundle),
        cas: typeof bundle === 'string' ? [] : bundle,
      })),
    },
    serving,
    seenForMs: new Map(Object.entries(seen)),
    now: NOW,
  };
}

function text(cas: readonly CACertificate[]): string {
  return cas.map(({ cert }) => cert).join('');
}

const plan = (situation: Situation): Action => planRotation(observation(situation), TIMING);

function servedBy(ca: CACertificate, { notAfter = hoursLater(23), renewAt = hoursLater(16) } = {}): ServingState {
  return { ca, notAfter, renewAt };
}

function inHours(hours: number, ms = 0): Date {
  return new Date(hoursLater(hours).getTime() + ms);
}

const a = signing('active', 'a', { since: inHours(-3) });
const b = signing('pending', 'b', { since: inHours(-2) });

const REST: Action = { do: 'rest' };

function bundleOf(cas: readonly CACertificate[], reason: string, entries = ['entry-0']): Action {
  return { do: 'write-bundle', resourceVersion: 'c1', entries, caBundle: text(cas), reason };
}
const missing = (cas: readonly CACertificate[], entries?: string[]) =>
  bundleOf(cas, 'a CA is missing from it', entries);
const tooMuch = (cas: readonly CACertificate[], entries?: string[]) =>
  bundleOf(cas, 'it contains more than it should', entries);

function secretOf(cas: readonly CA[], reason: string): Action {
  return { do: 'write-secret', resourceVersion: 's1', cas, reason };
}

function addition(state: 'active' | 'pending', cas: readonly CA[], reason = 'there is no CA that can sign'): Action {
  return { do: 'add-ca', resourceVersion: 's1', state, cas, reason };
}

interface Row extends Situation {
  readonly name: string;
  readonly action: Action;
}

describe('planRotation() without a configuration', () => {
  test.for<Row>([
    {
      name: 'waits for it, in any other situation',
      secret: [a],
      bundles: undefined,
      serving: servedBy(a, { notAfter: NOW }),
      action: { do: 'wait', reason: 'the MutatingWebhookConfiguration does not exist yet' },
    },
    {
      name: 'waits for its entries',
      secret: undefined,
      bundles: [],
      action: { do: 'wait', reason: 'the MutatingWebhookConfiguration has no entries' },
    },
  ])('$name', ({ action, ...situation }) => {
    expect(plan(situation)).toStrictEqual(action);
  });
});

describe('planRotation() on the first start', () => {
  test.for<Row>([
    { name: 'creates the Secret', secret: undefined, bundles: [''], action: { do: 'create-secret' } },
    { name: 'issues a CA that signs immediately', secret: [], bundles: ['', ''], action: addition('active', []) },
    {
      name: 'publishes it in every entry',
      secret: [a],
      bundles: ['', ''],
      action: missing([a], ['entry-0', 'entry-1']),
    },
    {
      name: 'signs with it as soon as it is published',
      secret: [a],
      bundles: [[a], [a]],
      action: { do: 'issue-serving', ca: a, reason: 'there is none yet' },
    },
    { name: 'has nothing more to do', secret: [a], bundles: [[a], [a]], serving: servedBy(a), action: REST },
  ])('$name', ({ action, ...situation }) => {
    expect(plan(situation)).toStrictEqual(action);
  });
});

const old = former('retired', 'old', { since: inHours(-1), notBefore: inHours(-DAY) });
const leaked = former('distrusted', 'leaked', { since: inHours(-1) });
const bothSeen = { old: SEEN, a: SEEN };

describe('planRotation() for the serving certificate', () => {
  const issue = (reason: string): Action => ({ do: 'issue-serving', ca: a, reason });
  test.for<Row>([
    {
      name: 'does not renew it a moment before its renewal time',
      secret: [a],
      bundles: [[a]],
      serving: servedBy(a, { renewAt: inHours(0, 1) }),
      action: REST,
    },
    {
      name: 'renews it at its renewal time',
      secret: [a],
      bundles: [[a]],
      serving: servedBy(a, { renewAt: NOW, notAfter: inHours(0, 1) }),
      action: issue('it expires at 2026-11-22T12:00:00.001Z'),
    },
    {
      name: 'replaces one that has just expired',
      secret: [a],
      bundles: [[a]],
      serving: servedBy(a, { renewAt: inHours(1), notAfter: NOW }),
      action: issue('it expired at 2026-11-22T12:00:00.000Z'),
    },
    {
      name: 'replaces one of another CA when every API server has seen the active CA',
      secret: [old, a],
      bundles: [[old, a]],
      serving: servedBy(old),
      seen: bothSeen,
      action: issue('another CA is active now'),
    },
    {
      name: 'keeps one of another CA until every API server has seen the active CA',
      secret: [old, a],
      bundles: [[old, a]],
      serving: servedBy(old),
      seen: { old: SEEN, a: SEEN - 1 },
      action: REST,
    },
    {
      name: 'keeps one of another CA if the active CA was never seen',
      secret: [old, a],
      bundles: [[old, a]],
      serving: servedBy(old, { renewAt: NOW }),
      action: REST,
    },
    {
      name: 'does not wait if the one of another CA has expired',
      secret: [old, a],
      bundles: [[old, a]],
      serving: servedBy(old, { notAfter: NOW }),
      action: issue('it expired at 2026-11-22T12:00:00.000Z'),
    },
    {
      name: 'immediately replaces one whose CA is not registered',
      secret: [old, a],
      bundles: [[a]],
      serving: servedBy(old),
      action: issue('clients no longer trust its CA'),
    },
    {
      name: 'immediately replaces one whose CA is registered in only one of two entries',
      secret: [old, a],
      bundles: [[a], [old, a]],
      serving: servedBy(old),
      action: issue('clients no longer trust its CA'),
    },
    {
      name: 'immediately replaces one whose CA is distrusted, before it repairs the caBundle',
      secret: [leaked, a],
      bundles: [[leaked, a]],
      serving: servedBy(leaked),
      action: issue('clients no longer trust its CA'),
    },
    {
      name: 'immediately replaces one whose CA has just expired',
      secret: [a],
      bundles: [[namedCA('x', { notAfter: NOW }), a]],
      serving: servedBy(namedCA('x', { notAfter: NOW })),
      action: issue('clients no longer trust its CA'),
    },
    {
      name: 'does not sign with a CA that is missing in an entry, even if there is nothing to serve',
      secret: [a],
      bundles: [[a], ''],
      action: missing([a], ['entry-0', 'entry-1']),
    },
    {
      name: 'does not sign with a pending CA, even if there is nothing to serve',
      secret: [old, b],
      bundles: [[old, b]],
      seen: { old: SEEN, b: SEEN - 1 },
      action: REST,
    },
    {
      name: 'does not sign with a CA that has just expired',
      secret: [signing('active', 'x', { notAfter: NOW, renewAt: inHours(-1) }), b],
      bundles: [[b]],
      seen: { b: SEEN },
      action: secretOf(
        [
          former('retired', 'x', { notAfter: NOW, renewAt: inHours(-1), since: NOW }),
          signing('active', 'b', { since: NOW }),
        ],
        'every API server has seen the pending CA',
      ),
    },
  ])('$name', ({ action, ...situation }) => {
    expect(plan(situation)).toStrictEqual(action);
  });
});

/** A retired CA whose retirement began this long ago. */
const retiredFor = (hours: number, ms = 0) =>
  former('retired', 'r', { since: inHours(-hours, -ms), notBefore: inHours(-WEEK) });

describe('planRotation() for the caBundle', () => {
  const calm = { secret: [a], serving: servedBy(a) };
  test.for<Row>([
    { name: 'repairs an empty one', ...calm, bundles: ['', ''], action: missing([a], ['entry-0', 'entry-1']) },
    { name: 'repairs one of two entries', ...calm, bundles: [[a], ''], action: missing([a], ['entry-0', 'entry-1']) },
    { name: 'replaces text that another client wrote', ...calm, bundles: ['garbage'], action: missing([a]) },
    {
      name: 'removes a CA that another client added',
      secret: [a],
      bundles: ['garbage', [a]],
      serving: servedBy(a),
      action: missing([a], ['entry-0', 'entry-1']),
    },
    { name: 'publishes a pending CA', ...calm, secret: [a, b], bundles: [[a]], action: missing([a, b]) },
    {
      name: 'orders CAs by age',
      ...calm,
      secret: [a, old],
      bundles: [[a]],
      action: missing([old, a]),
    },
    {
      name: 'orders CAs of the same age by fingerprint, whatever their order in the Secret',
      ...calm,
      secret: [signing('pending', 'c'), former('retired', 'b', { since: NOW }), a],
      bundles: [[a]],
      action: missing([a, namedCA('b'), namedCA('c')]),
    },
    {
      name: 'restores the order',
      ...calm,
      secret: [a, old],
      bundles: [[a, old]],
      action: tooMuch([old, a]),
    },
    {
      name: 'keeps a CA that is not in the Secret, because a certificate in use may need it',
      ...calm,
      bundles: [[a, namedCA('x')], [a]],
      action: missing([a, namedCA('x')], ['entry-0', 'entry-1']),
    },
    {
      name: 'removes an unknown CA that has just expired',
      ...calm,
      bundles: [[a, namedCA('x', { notAfter: NOW })]],
      action: tooMuch([a]),
    },
    {
      name: "publishes the CA of this replica's certificate, even if neither the Secret nor the caBundle has it",
      secret: undefined,
      bundles: [''],
      serving: servedBy(namedCA('x')),
      action: missing([namedCA('x')]),
    },
    {
      name: 'never publishes a distrusted CA',
      ...calm,
      secret: [a, leaked],
      bundles: [[a]],
      action: REST,
    },
    {
      name: 'immediately removes a distrusted CA',
      ...calm,
      secret: [a, leaked],
      bundles: [[a, leaked]],
      action: tooMuch([a]),
    },
    {
      name: 'publishes a retired CA again while it is needed',
      ...calm,
      secret: [a, retiredFor(NEEDED, -1)],
      bundles: [[a]],
      action: missing([retiredFor(NEEDED, -1), a]),
    },
    {
      name: 'does not publish a retired CA again that is no longer needed',
      ...calm,
      secret: [a, retiredFor(NEEDED)],
      bundles: [[a]],
      action: REST,
    },
    {
      name: 'does not immediately remove a retired CA that is no longer needed, because another clock may be slower',
      ...calm,
      secret: [a, retiredFor(NEEDED)],
      bundles: [[retiredFor(NEEDED), a]],
      action: REST,
    },
    {
      name: 'keeps a retired CA until the last moment',
      ...calm,
      secret: [a, retiredFor(KEPT, -1)],
      bundles: [[retiredFor(KEPT, -1), a]],
      action: REST,
    },
    {
      name: 'makes both entries equal in those hours: a CA of one entry is added to the other',
      ...calm,
      secret: [a, retiredFor(NEEDED)],
      bundles: [[a], [retiredFor(NEEDED), a]],
      action: missing([retiredFor(NEEDED), a], ['entry-0', 'entry-1']),
    },
    {
      name: 'removes a retired CA afterwards',
      ...calm,
      secret: [a, retiredFor(KEPT)],
      bundles: [[retiredFor(KEPT), a]],
      action: tooMuch([a]),
    },
    {
      name: 'keeps a CA that is about to expire',
      ...calm,
      secret: [a, { ...old, notAfter: inHours(0, 1) }],
      bundles: [[old, a]],
      action: REST,
    },
    {
      name: 'removes a CA that has just expired, even if it was retired only now',
      ...calm,
      secret: [a, { ...old, notAfter: NOW }],
      bundles: [[old, a]],
      action: tooMuch([a]),
    },
    {
      name: 'does not publish a pending CA that has just expired',
      ...calm,
      secret: [a, { ...b, notAfter: NOW }],
      bundles: [[a]],
      action: REST,
    },
    {
      name: 'never empties it, even if all its CAs have expired: it issues a CA first',
      secret: [],
      bundles: [[namedCA('x', { notAfter: NOW })]],
      action: addition('active', []),
    },
    {
      name: 'is repaired before the Secret',
      secret: undefined,
      bundles: [[a], ''],
      action: missing([a], ['entry-0', 'entry-1']),
    },
  ])('$name', ({ action, ...situation }) => {
    expect(plan(situation)).toStrictEqual(action);
  });
});

describe('planRotation() for the Secret', () => {
  const calm = { secret: [a], bundles: [[a]], serving: servedBy(a) };
  const unknown = former('retired', 'x', { since: NOW });
  test.for<Row>([
    {
      name: 'creates it again after it was deleted',
      ...calm,
      secret: undefined,
      action: { do: 'create-secret' },
    },
    {
      name: 'adds a pending CA to an empty Secret, and the CA in use without a key',
      ...calm,
      secret: [],
      bundles: [[namedCA('x')]],
      serving: servedBy(namedCA('x')),
      action: addition('pending', [unknown]),
    },
    {
      name: 'adds the CA in use without a key, even if only this replica knows it',
      ...calm,
      secret: [],
      bundles: [[a]],
      action: addition('pending', [former('retired', 'a', { since: NOW })]),
    },
    {
      name: 'adds a pending CA if the registered CA cannot sign',
      secret: [old],
      bundles: [[old]],
      action: addition('pending', [old]),
    },
    {
      name: 'adds a CA that signs immediately if only a distrusted CA is registered',
      secret: [leaked],
      bundles: [[leaked]],
      action: addition('active', [leaked]),
    },
    {
      name: 'logs the refusals when it issues another CA',
      secret: [],
      refused: ['CA 1 of 2: it has no key', 'CA 2 of 2: it has no key'],
      bundles: [''],
      action: addition('active', [], 'CA 1 of 2: it has no key'),
    },
    {
      name: 'adds no CA a moment before the active one is due',
      ...calm,
      secret: [{ ...a, renewAt: inHours(0, 1) }],
      action: REST,
    },
    {
      name: 'adds a CA when the active one is due',
      ...calm,
      secret: [{ ...a, renewAt: NOW }],
      action: addition('pending', [{ ...a, renewAt: NOW }], 'the active CA expires at 2027-11-22T12:00:00.000Z'),
    },
    {
      name: 'adds no CA if there is a pending one',
      ...calm,
      secret: [{ ...a, renewAt: NOW }, b],
      bundles: [[a, b]],
      action: REST,
    },
    {
      name: 'does not promote the pending CA a moment before every API server has seen it',
      ...calm,
      secret: [a, b],
      bundles: [[a, b]],
      seen: { a: SEEN, b: SEEN - 1 },
      action: REST,
    },
    {
      name: 'promotes the pending CA when every API server has seen it: the active one loses its key, the others stay',
      ...calm,
      secret: [leaked, b, old, a],
      bundles: [[old, a, b]],
      seen: { a: 0, b: SEEN },
      action: secretOf(
        [leaked, signing('active', 'b', { since: NOW }), old, former('retired', 'a', { since: NOW })],
        'every API server has seen the pending CA',
      ),
    },
    {
      name: 'promotes the pending CA immediately if it is the only one',
      secret: [signing('pending', 'b', { since: inHours(-2) })],
      bundles: [[b], [b]],
      action: secretOf([signing('active', 'b', { since: NOW })], 'every API server has seen the pending CA'),
    },
    {
      name: 'does not promote the pending CA immediately if there is a retired one',
      secret: [old, b],
      bundles: [[old, b]],
      action: REST,
    },
    {
      name: 'adds a CA in use that is missing',
      ...calm,
      bundles: [[a, namedCA('x')]],
      action: secretOf([a, unknown], 'a CA in use is missing from it'),
    },
    {
      name: 'writes it again without the refused entries',
      ...calm,
      refused: ['CA 2 of 2: it is not a CA entry', 'another'],
      action: secretOf([a], 'CA 2 of 2: it is not a CA entry'),
    },
    {
      name: 'keeps a retired CA for a week after its removal from the caBundle',
      ...calm,
      secret: [a, retiredFor(KEPT + WEEK, -1)],
      action: REST,
    },
    {
      name: 'removes a retired CA afterwards',
      ...calm,
      secret: [a, retiredFor(KEPT + WEEK)],
      action: secretOf([a], 'a CA is no longer in use'),
    },
    {
      name: 'never removes a distrusted CA',
      ...calm,
      secret: [a, former('distrusted', 'leaked', { since: inHours(-50 * WEEK) })],
      action: REST,
    },
    {
      name: 'removes and adds CAs in one write',
      ...calm,
      secret: [retiredFor(KEPT + WEEK), a],
      bundles: [[a, namedCA('x')]],
      action: secretOf([a, unknown], 'a CA in use is missing from it'),
    },
  ])('$name', ({ action, ...situation }) => {
    expect(plan(situation)).toStrictEqual(action);
  });
});

describe('neededUntil() and leavesAt()', () => {
  test('allow for a serving certificate issued at the last moment, for clock skew, and for hours in which no replica acts', () => {
    const ca = former('retired', 'x', { since: NOW });
    expect([neededUntil(ca, TIMING), leavesAt(ca, TIMING)]).toEqual([hoursLater(26), hoursLater(28)]);
  });

  test('are not after the expiry of the CA', () => {
    const ca = former('retired', 'x', { since: NOW, notAfter: hoursLater(26.5) });
    expect([neededUntil(ca, TIMING), leavesAt(ca, TIMING)]).toEqual([hoursLater(26), hoursLater(26.5)]);
    const brief = { ...ca, notAfter: hoursLater(2) };
    expect([neededUntil(brief, TIMING), leavesAt(brief, TIMING)]).toEqual([hoursLater(2), hoursLater(2)]);
  });
});
