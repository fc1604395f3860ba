import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CA, FormerCA, SigningCA } from '../../src/certificates/ca.ts';
import { CA_SECRET_KEY, readSecretContent, writeSecretContent } from '../../src/certificates/ca-secret.ts';
import { newCA } from '../../src/certificates/new-ca.ts';
import { hoursLater, ISSUED_AT as NOW } from '../support/certificates.ts';
import { foreignCertificate } from '../support/openssl.ts';

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

let a: SigningCA;
let b: SigningCA;
let c: SigningCA;
let foreign: string;

beforeAll(async () => {
  a = await newCA('active', NOW, YEAR_MS);
  b = await newCA('pending', NOW, YEAR_MS);
  c = await newCA('active', NOW, YEAR_MS);
  foreign = foreignCertificate().cert;
});

/** The CA without its key, retired since `since`. */
function formerly({ key, ...certificate }: SigningCA, state: FormerCA['state'] = 'retired', since = NOW): FormerCA {
  return { ...certificate, state, since };
}

function stored({ cert, key, state, since }: SigningCA, changes: Record<string, unknown> = {}) {
  return { certificate: cert, key, state, since: since.toISOString(), ...changes };
}

const read = (items: unknown, now = NOW) => readSecretContent(JSON.stringify(items), now);

describe('CA_SECRET_KEY', () => {
  test('is the key of Secrets in existing clusters', () => {
    expect(CA_SECRET_KEY).toBe('cas.json');
  });
});

describe('readSecretContent()', () => {
  test('refuses nothing in an empty Secret or an empty list', () => {
    expect(readSecretContent(undefined, NOW)).toStrictEqual({ cas: [], refused: [] });
    expect(read([])).toStrictEqual({ cas: [], refused: [] });
  });

  test('reads what writeSecretContent() has written', () => {
    const cas: CA[] = [formerly(c), a, b];
    expect(readSecretContent(writeSecretContent(cas), NOW)).toStrictEqual({ cas, refused: [] });
  });

  test.for(['', 'garbage', '{}', 'null', '"[]"', '[', '1'])('refuses %j: it is not a list', (text) => {
    expect(readSecretContent(text, NOW)).toStrictEqual({ cas: [], refused: ['cas.json is not a JSON list'] });
  });

  test.for([
    { name: 'null', item: () => null },
    { name: 'a string', item: () => 'garbage' },
    { name: 'a list', item: () => [] },
    { name: 'an empty object', item: () => ({}) },
    { name: 'a CA without a certificate', item: () => stored(a, { certificate: undefined }) },
    { name: 'a CA with a certificate that is not a string', item: () => stored(a, { certificate: 7 }) },
    { name: 'a CA without a state', item: () => stored(a, { state: undefined }) },
    { name: 'a CA in an unknown state', item: () => stored(a, { state: 'in use' }) },
    { name: 'a CA in a list of states', item: () => stored(a, { state: ['active'] }) },
    { name: 'a CA without a time', item: () => stored(a, { since: undefined }) },
    { name: 'a CA with a time that is a number', item: () => stored(a, { since: 1_795_348_800 }) },
    { name: 'a CA with a key that is not a string', item: () => stored(a, { key: {} }) },
  ])('refuses $name, and keeps the rest', ({ item }) => {
    expect(read([item(), stored(b)])).toStrictEqual({
      cas: [b],
      refused: ['CA 1 of 2: it is not a CA entry'],
    });
  });

  test('refuses an entry whose certificate is invalid, or a CA that this program did not issue', () => {
    const reason = 'its certificate is not a CA created by this program';
    for (const certificate of ['', 'garbage', a.key, foreign]) {
      expect(read([stored(a, { certificate })])).toStrictEqual({ cas: [], refused: [`CA 1 of 1: ${reason}`] });
    }
  });

  test.for([
    { state: 'active', ms: -1, found: 1, refused: [] },
    { state: 'active', ms: 0, found: 0, refused: ['CA 1 of 1: it expired at 2027-11-22T12:00:00.000Z'] },
    { state: 'pending', ms: 0, found: 0, refused: ['CA 1 of 1: it expired at 2027-11-22T12:00:00.000Z'] },
    // They are dropped silently, because nothing is wrong with them.
    { state: 'retired', ms: -1, found: 1, refused: [] },
    { state: 'retired', ms: 0, found: 0, refused: [] },
    { state: 'distrusted', ms: 0, found: 0, refused: [] },
  ])('reads $found CAs from a CA that is $state, $ms ms after its expiry', ({ state, ms, found, refused }) => {
    const now = new Date(a.notAfter.getTime() + ms);
    const content = read([stored(a, { state })], now);
    expect([content.cas.length, content.refused]).toEqual([found, refused]);
  });

  test.for([
    {
      name: 'the key of another CA',
      items: () => [stored(a, { key: b.key })],
      reason: 'CA 1 of 1: its key does not match its certificate',
    },
    {
      name: 'an invalid key',
      items: () => [stored(a, { key: 'x' })],
      reason: 'CA 1 of 1: its key does not match its certificate',
    },
    { name: 'no key', items: () => [stored(a, { key: undefined })], reason: 'CA 1 of 1: it has no key' },
    {
      name: 'no key, in the state pending',
      items: () => [stored(a, { key: undefined, state: 'pending' })],
      reason: 'CA 1 of 1: it has no key',
    },
    {
      name: 'a timestamp far in the future',
      items: () => [stored(a, { since: '2026-11-22T14:00:00.001Z' })],
      reason: 'CA 1 of 1: its timestamp is 2026-11-22T14:00:00.001Z',
    },
    {
      name: 'an invalid timestamp',
      items: () => [stored(a, { since: 'yesterday' })],
      reason: 'CA 1 of 1: its timestamp is yesterday',
    },
  ])('retires a CA with $name, because serving certificates that it signed may be in use', ({ items, reason }) => {
    expect(read(items())).toStrictEqual({ cas: [formerly(a)], refused: [reason] });
  });

  test('accepts a timestamp in the future by the difference of two clocks that are each an hour off', () => {
    const since = hoursLater(2);
    expect(read([stored(a, { since: since.toISOString() })])).toStrictEqual({ cas: [{ ...a, since }], refused: [] });
  });

  test('sets a former CA with a timestamp far in the future to retired now, and still trusts no distrusted CA', () => {
    const since = '2027-01-01T00:00:00Z';
    for (const state of ['retired', 'distrusted'] as const) {
      expect(read([stored(a, { state, since, key: undefined })])).toStrictEqual({
        cas: [formerly(a, state)],
        refused: [`CA 1 of 1: its timestamp is ${since}`],
      });
    }
  });

  test('reads a former CA without its key, which should have been removed', () => {
    for (const state of ['retired', 'distrusted'] as const) {
      const content = read([stored(a, { state })]);
      expect(content).toStrictEqual({ cas: [formerly(a, state)], refused: [] });
      expect(content.cas[0]).not.toHaveProperty('key');
    }
  });

  test('retires the second of two active CAs', () => {
    const content = read([stored(a), stored(b), stored(c)]);
    expect(content).toStrictEqual({
      cas: [a, b, formerly(c)],
      refused: ['CA 3 of 3: another one is also active'],
    });
  });

  test('retires the second of two pending CAs', () => {
    expect(read([stored(b), stored(c, { state: 'pending' })])).toStrictEqual({
      cas: [b, formerly(c)],
      refused: ['CA 2 of 2: another one is also pending'],
    });
  });

  test('does not count a CA that cannot sign as active: the next one is', () => {
    expect(read([stored(a, { key: undefined }), stored(c)])).toStrictEqual({
      cas: [formerly(a), c],
      refused: ['CA 1 of 2: it has no key'],
    });
  });

  test('reads a duplicate CA only once, in its first state', () => {
    expect(read([stored(a, { state: 'distrusted' }), stored(a)])).toStrictEqual({
      cas: [formerly(a, 'distrusted')],
      refused: ['CA 2 of 2: it is a duplicate'],
    });
  });

  test('reveals no key in the reasons for refusals', () => {
    const items = [
      stored(a, { key: b.key }),
      stored(b, { state: 'retired', since: 'x' }),
      { key: c.key },
      stored(a),
      [c.key],
    ];
    const { refused } = read(items);
    expect(refused).toHaveLength(5);
    expect(refused.join()).not.toMatch(/BEGIN|PRIVATE/);
  });
});

describe('readSecretContent() and writeSecretContent()', () => {
  const time = fc.date({ min: hoursLater(-24 * 300), max: hoursLater(1), noInvalidDate: true });

  test('preserve all CAs that a Secret can hold', () => {
    const contents = fc
      .tuple(
        fc.constantFrom('active' as const, 'retired' as const, 'distrusted' as const),
        fc.constantFrom('pending' as const, 'retired' as const, 'distrusted' as const),
        fc.constantFrom('retired' as const, 'distrusted' as const),
        fc.array(time, { minLength: 3, maxLength: 3 }),
      )
      .chain(([first, second, third, times]) => {
        const cas = [a, b, c].map((ca, index): CA => {
          const state = [first, second, third][index] ?? 'retired';
          const since = times[index] ?? NOW;
          return state === 'active' || state === 'pending' ? { ...ca, state, since } : formerly(ca, state, since);
        });
        return fc.shuffledSubarray(cas);
      });
    fc.assert(
      fc.property(contents, (cas) => {
        expect(readSecretContent(writeSecretContent(cas), NOW)).toStrictEqual({ cas, refused: [] });
      }),
    );
  });

  /** Usually one of these values, sometimes any JSON value. */
  const part = (...values: readonly (() => unknown)[]) =>
    fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...values).map((value) => value()) }, fc.jsonValue());
  const item = fc.record({
    certificate: part(
      () => a.cert,
      () => b.cert,
      () => foreign,
      () => 'garbage',
    ),
    key: part(
      () => a.key,
      () => b.key,
      () => undefined,
    ),
    state: part(
      () => 'active',
      () => 'pending',
      () => 'retired',
      () => 'distrusted',
    ),
    since: part(
      () => NOW.toISOString(),
      () => '-271821-04-20T00:00:00.000Z',
      () => '+275760-09-13T00:00:00.000Z',
      () => 'x',
    ),
  });
  const list = fc.array(fc.oneof({ weight: 5, arbitrary: item }, fc.jsonValue()), { minLength: 1, maxLength: 6 });
  const hostile = fc.oneof(fc.string(), fc.json(), {
    weight: 4,
    arbitrary: list.map((items) => JSON.stringify(items)),
  });

  test('limit the reasons for refusals of a Secret with many or long invalid values', () => {
    const { refused } = readSecretContent(JSON.stringify(Array(1000).fill({ since: 'x'.repeat(10_000) })), NOW);
    expect(refused).toEqual([1, 2, 3, 4, 5].map((item) => `CA ${item} of 1000: it is not a CA entry`));
    const stored = { certificate: a.cert, key: a.key, state: 'active', since: 'x'.repeat(10_000) };
    const { refused: times } = readSecretContent(JSON.stringify([stored]), NOW);
    expect(times).toEqual([`CA 1 of 1: its timestamp is ${'x'.repeat(40)}`]);
  });

  test('never throw for a hostile Secret, and accept their own output for it', () => {
    let used = 0;
    fc.assert(
      fc.property(hostile, (text) => {
        const { cas } = readSecretContent(text, NOW);
        used += cas.length;
        expect(readSecretContent(writeSecretContent(cas), NOW)).toStrictEqual({ cas, refused: [] });
        for (const state of ['active', 'pending']) {
          expect(cas.filter((ca) => ca.state === state).length).toBeLessThanOrEqual(1);
        }
        for (const ca of cas) expect('key' in ca).toBe(ca.state === 'active' || ca.state === 'pending');
      }),
      { numRuns: 500 },
    );
    expect(used).toBeGreaterThan(50);
  });
});
