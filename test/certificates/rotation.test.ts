import { describe, expect, test } from 'vitest';
import type { CA, CACertificate } from '../../src/certificates/ca.ts';
import type { Observation, ServingState } from '../../src/certificates/observation.ts';
import { type Action, planRotation } from '../../src/certificates/rotation.ts';
import { leavesAt, neededUntil, TIMING } from '../../src/certificates/timing.ts';
import { former, namedCA, signing } from '../support/cas.ts';
import { hoursLater, ISSUED_AT as NOW } from '../support/certificates.ts';

const DAY = 24;
const WEEK = 7 * DAY;

/** How long a retired CA is needed, and is kept, in hours: a serving certificate of a day, and clocks that differ. */
const NEEDED = 26;
const KEPT = 28;

/** Long enough for every API server to have heard of it. */
const SEEN = TIMING.propagationMs;

interface Situation {
  /** Undefined for a Secret that is not there. */
  readonly secret?: readonly CA[] | undefined;
  readonly refused?: readonly string[];
  /** One list of CAs, or text of somebody else, for each entry; undefined for a configuration that is not there. */
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

/** A point of time from now, in hours and milliseconds. */
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
      name: 'waits for it, whatever else is there',
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
    { name: 'makes the Secret', secret: undefined, bundles: [''], action: { do: 'create-secret' } },
    { name: 'makes a CA that signs at once', secret: [], bundles: ['', ''], action: addition('active', []) },
    {
      name: 'publishes it in every entry',
      secret: [a],
      bundles: ['', ''],
      action: missing([a], ['entry-0', 'entry-1']),
    },
    {
      name: 'signs with it when it is there, however short a time',
      secret: [a],
      bundles: [[a], [a]],
      action: { do: 'issue-serving', ca: a, reason: 'there is none yet' },
    },
    { name: 'is done', secret: [a], bundles: [[a], [a]], serving: servedBy(a), action: REST },
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
      name: 'does not renew it a moment before its time',
      secret: [a],
      bundles: [[a]],
      serving: servedBy(a, { renewAt: inHours(0, 1) }),
      action: REST,
    },
    {
      name: 'renews it at its time',
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
      name: 'replaces one of another CA when all have heard of the one that signs',
      secret: [old, a],
      bundles: [[old, a]],
      serving: servedBy(old),
      seen: bothSeen,
      action: issue('another CA is active now'),
    },
    {
      name: 'stays with one of another CA until all have heard of the one that signs',
      secret: [old, a],
      bundles: [[old, a]],
      serving: servedBy(old),
      seen: { old: SEEN, a: SEEN - 1 },
      action: REST,
    },
    {
      name: 'stays with one of another CA where the one that signs was never seen',
      secret: [old, a],
      bundles: [[old, a]],
      serving: servedBy(old, { renewAt: NOW }),
      action: REST,
    },
    {
      name: 'does not wait with an expired one of another CA',
      secret: [old, a],
      bundles: [[old, a]],
      serving: servedBy(old, { notAfter: NOW }),
      action: issue('it expired at 2026-11-22T12:00:00.000Z'),
    },
    {
      name: 'replaces one whose CA is not registered, at once',
      secret: [old, a],
      bundles: [[a]],
      serving: servedBy(old),
      action: issue('clients no longer trust its CA'),
    },
    {
      name: 'replaces one whose CA is registered in one of two entries only, at once',
      secret: [old, a],
      bundles: [[a], [old, a]],
      serving: servedBy(old),
      action: issue('clients no longer trust its CA'),
    },
    {
      name: 'replaces one whose CA is distrusted, at once, before the caBundle is put right',
      secret: [leaked, a],
      bundles: [[leaked, a]],
      serving: servedBy(leaked),
      action: issue('clients no longer trust its CA'),
    },
    {
      name: 'replaces one whose CA has just expired, at once',
      secret: [a],
      bundles: [[namedCA('x', { notAfter: NOW }), a]],
      serving: servedBy(namedCA('x', { notAfter: NOW })),
      action: issue('clients no longer trust its CA'),
    },
    {
      name: 'signs with no CA that is not in every entry, though there is nothing to serve',
      secret: [a],
      bundles: [[a], ''],
      action: missing([a], ['entry-0', 'entry-1']),
    },
    {
      name: 'signs with no pending CA, though there is nothing to serve',
      secret: [old, b],
      bundles: [[old, b]],
      seen: { old: SEEN, b: SEEN - 1 },
      action: REST,
    },
    {
      name: 'signs with no CA that has just expired',
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

/** A retired CA in the last hour of its life in the caBundle, and whatever is told of it. */
const retiredFor = (hours: number, ms = 0) =>
  former('retired', 'r', { since: inHours(-hours, -ms), notBefore: inHours(-WEEK) });

describe('planRotation() for the caBundle', () => {
  const calm = { secret: [a], serving: servedBy(a) };
  test.for<Row>([
    { name: 'repairs an empty one', ...calm, bundles: ['', ''], action: missing([a], ['entry-0', 'entry-1']) },
    { name: 'repairs one of two', ...calm, bundles: [[a], ''], action: missing([a], ['entry-0', 'entry-1']) },
    { name: 'replaces what somebody else wrote', ...calm, bundles: ['garbage'], action: missing([a]) },
    {
      name: 'removes what somebody else added',
      secret: [a],
      bundles: ['garbage', [a]],
      serving: servedBy(a),
      action: missing([a], ['entry-0', 'entry-1']),
    },
    { name: 'publishes a pending CA', ...calm, secret: [a, b], bundles: [[a]], action: missing([a, b]) },
    {
      name: 'orders it by age',
      ...calm,
      secret: [a, old],
      bundles: [[a]],
      action: missing([old, a]),
    },
    {
      name: 'orders it by fingerprint where CAs are of one age, whatever the order in the Secret',
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
      name: 'keeps a CA that the Secret does not know: somebody may be served from it',
      ...calm,
      bundles: [[a, namedCA('x')], [a]],
      action: missing([a, namedCA('x')], ['entry-0', 'entry-1']),
    },
    {
      name: 'drops an unknown CA that has just expired',
      ...calm,
      bundles: [[a, namedCA('x', { notAfter: NOW })]],
      action: tooMuch([a]),
    },
    {
      name: 'publishes the CA that this replica is served from, though neither knows it',
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
      name: 'removes a distrusted CA at once',
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
      name: 'does not publish a retired CA again that is needed no more',
      ...calm,
      secret: [a, retiredFor(NEEDED)],
      bundles: [[a]],
      action: REST,
    },
    {
      name: 'does not remove at once a retired CA that is needed no more: another clock may be slower',
      ...calm,
      secret: [a, retiredFor(NEEDED)],
      bundles: [[retiredFor(NEEDED), a]],
      action: REST,
    },
    {
      name: 'keeps a retired CA to the last moment',
      ...calm,
      secret: [a, retiredFor(KEPT, -1)],
      bundles: [[retiredFor(KEPT, -1), a]],
      action: REST,
    },
    {
      name: 'has both entries alike also in those hours: what one of them has, both get',
      ...calm,
      secret: [a, retiredFor(NEEDED)],
      bundles: [[a], [retiredFor(NEEDED), a]],
      action: missing([retiredFor(NEEDED), a], ['entry-0', 'entry-1']),
    },
    {
      name: 'then removes it',
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
      name: 'removes a CA that has just expired, though it was retired but now',
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
      name: 'never empties it, were all in it expired: it makes a CA first',
      secret: [],
      bundles: [[namedCA('x', { notAfter: NOW })]],
      action: addition('active', []),
    },
    {
      name: 'comes before the Secret',
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
      name: 'makes it anew when it was deleted',
      ...calm,
      secret: undefined,
      action: { do: 'create-secret' },
    },
    {
      name: 'adds a pending CA to one that is empty, beside the CA in use, which keeps no key',
      ...calm,
      secret: [],
      bundles: [[namedCA('x')]],
      serving: servedBy(namedCA('x')),
      action: addition('pending', [unknown]),
    },
    {
      name: 'remembers of the CA in use no key either, where only this replica knows it',
      ...calm,
      secret: [],
      bundles: [[a]],
      action: addition('pending', [former('retired', 'a', { since: NOW })]),
    },
    {
      name: 'adds a pending CA where a registered one cannot sign',
      secret: [old],
      bundles: [[old]],
      action: addition('pending', [old]),
    },
    {
      name: 'adds one that signs at once where only a distrusted CA is registered',
      secret: [leaked],
      bundles: [[leaked]],
      action: addition('active', [leaked]),
    },
    {
      name: 'says what was refused when it makes another',
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
      name: 'adds one when the active one is due',
      ...calm,
      secret: [{ ...a, renewAt: NOW }],
      action: addition('pending', [{ ...a, renewAt: NOW }], 'the active CA expires at 2027-11-22T12:00:00.000Z'),
    },
    {
      name: 'adds none when there is a pending one',
      ...calm,
      secret: [{ ...a, renewAt: NOW }, b],
      bundles: [[a, b]],
      action: REST,
    },
    {
      name: 'promotes no CA a moment before all have heard of it',
      ...calm,
      secret: [a, b],
      bundles: [[a, b]],
      seen: { a: SEEN, b: SEEN - 1 },
      action: REST,
    },
    {
      name: 'promotes the pending CA when all have heard of it; the one before loses its key, the others stay',
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
      name: 'promotes the pending CA at once where it is alone',
      secret: [signing('pending', 'b', { since: inHours(-2) })],
      bundles: [[b], [b]],
      action: secretOf([signing('active', 'b', { since: NOW })], 'every API server has seen the pending CA'),
    },
    {
      name: 'does not take a retired CA for nothing: the pending one is not alone',
      secret: [old, b],
      bundles: [[old, b]],
      action: REST,
    },
    {
      name: 'takes up a CA in use that it does not know',
      ...calm,
      bundles: [[a, namedCA('x')]],
      action: secretOf([a, unknown], 'a CA in use is missing from it'),
    },
    {
      name: 'writes it anew without what was refused',
      ...calm,
      refused: ['CA 2 of 2: it is not a CA entry', 'another'],
      action: secretOf([a], 'CA 2 of 2: it is not a CA entry'),
    },
    {
      name: 'remembers a retired CA for a week after it left',
      ...calm,
      secret: [a, retiredFor(KEPT + WEEK, -1)],
      action: REST,
    },
    {
      name: 'then forgets it',
      ...calm,
      secret: [a, retiredFor(KEPT + WEEK)],
      action: secretOf([a], 'a CA is no longer in use'),
    },
    {
      name: 'never forgets a distrusted CA',
      ...calm,
      secret: [a, former('distrusted', 'leaked', { since: inHours(-50 * WEEK) })],
      action: REST,
    },
    {
      name: 'forgets and takes up in one',
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
  test('leave time for a serving certificate of the last moment, for clocks that differ, and hours in which none act', () => {
    const ca = former('retired', 'x', { since: NOW });
    expect([neededUntil(ca, TIMING), leavesAt(ca, TIMING)]).toEqual([hoursLater(26), hoursLater(28)]);
  });

  test('end with the CA', () => {
    const ca = former('retired', 'x', { since: NOW, notAfter: hoursLater(26.5) });
    expect([neededUntil(ca, TIMING), leavesAt(ca, TIMING)]).toEqual([hoursLater(26), hoursLater(26.5)]);
    const brief = { ...ca, notAfter: hoursLater(2) };
    expect([neededUntil(brief, TIMING), leavesAt(brief, TIMING)]).toEqual([hoursLater(2), hoursLater(2)]);
  });
});
