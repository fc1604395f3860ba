import { beforeAll, describe, expect, test } from 'vitest';
import { readCACertificate, type SigningCA } from '../../src/certificates/ca.ts';
import { writeSecretContent } from '../../src/certificates/ca-secret.ts';
import { newCA } from '../../src/certificates/new-ca.ts';
import { observe, type Reading, stillSeen } from '../../src/certificates/observe.ts';
import { namedCA } from '../support/cas.ts';
import { hoursLater, ISSUED_AT as NOW } from '../support/certificates.ts';

const helm = { labels: {}, annotations: {} };
const NOTHING: Reading = { secret: undefined, configuration: undefined, now: NOW, monotonicMs: 5_000 };

let ca: SigningCA;

beforeAll(async () => {
  ca = await newCA('active', NOW, 3_600_000);
});

describe('observe()', () => {
  test('observes an empty cluster', () => {
    expect(observe(NOTHING, undefined, new Map([['x', 1]]))).toStrictEqual({
      observation: {
        secret: undefined,
        configuration: undefined,
        serving: undefined,
        seenForMs: new Map(),
        now: NOW,
      },
      seenSince: new Map(),
    });
  });

  test('observes the CAs in the Secret and in the caBundle of each entry, with their times', () => {
    const certificate = readCACertificate(ca.cert);
    const serving = { ca, notAfter: hoursLater(1), renewAt: hoursLater(0.5) };
    const entries = [
      { name: 'first', caBundle: `junk${ca.cert}` },
      { name: 'second', caBundle: ca.cert },
    ];
    const reading: Reading = {
      ...NOTHING,
      secret: { resourceVersion: '1', content: writeSecretContent([ca]) },
      configuration: { resourceVersion: '2', entries, helm },
    };
    expect(observe(reading, serving, new Map([[ca.fingerprint, 4_000]]))).toStrictEqual({
      observation: {
        secret: { resourceVersion: '1', cas: [ca], refused: [] },
        configuration: {
          resourceVersion: '2',
          entries: [
            { name: 'first', caBundle: `junk${ca.cert}`, cas: [certificate] },
            { name: 'second', caBundle: ca.cert, cas: [certificate] },
          ],
        },
        serving,
        seenForMs: new Map([[ca.fingerprint, 1_000]]),
        now: NOW,
      },
      seenSince: new Map([[ca.fingerprint, 4_000]]),
    });
  });

  test('distinguishes the entries', async () => {
    const entries = [
      { name: 'first', caBundle: '' },
      { name: 'second', caBundle: ca.cert },
    ];
    const reading = { ...NOTHING, configuration: { resourceVersion: '2', entries, helm } };
    const { observation } = observe(reading, undefined, new Map());
    expect(observation.configuration?.entries.map(({ cas }) => cas.length)).toEqual([0, 1]);
  });

  test('reads the Secret with the given time, and returns the refusals', () => {
    const secret = { resourceVersion: '1', content: writeSecretContent([ca]) };
    expect(observe({ ...NOTHING, secret, now: ca.notAfter }, undefined, new Map()).observation.secret).toStrictEqual({
      resourceVersion: '1',
      cas: [],
      refused: ['CA 1 of 1: it expired at 2026-11-22T13:00:00.000Z'],
    });
  });

  test('reads a Secret without content as empty', () => {
    const secret = { resourceVersion: '1', content: undefined };
    expect(observe({ ...NOTHING, secret }, undefined, new Map()).observation.secret).toStrictEqual({
      resourceVersion: '1',
      cas: [],
      refused: [],
    });
  });
});

describe('stillSeen()', () => {
  const entry = (...names: readonly string[]) => ({ cas: names.map((name) => namedCA(name)) });
  const before = new Map([
    ['a', 1],
    ['b', 2],
  ]);

  test.for([
    { name: 'keeps the time of the first observation', entries: [entry('a', 'b')], seen: { a: 1, b: 2 } },
    { name: 'starts with the current time for a new CA', entries: [entry('a', 'c')], seen: { a: 1, c: 9 } },
    { name: 'forgets a CA that was removed, so that its time starts again', entries: [entry('b')], seen: { b: 2 } },
    { name: 'forgets a CA that is missing in one entry', entries: [entry('a', 'b'), entry('b')], seen: { b: 2 } },
    {
      name: 'starts when the last entry has the CA',
      entries: [entry('c'), entry('c'), entry('b', 'c')],
      seen: { c: 9 },
    },
    { name: 'forgets a CA that is missing in the first entry', entries: [entry(), entry('a')], seen: {} },
    { name: 'returns nothing without entries', entries: [], seen: {} },
  ])('$name', ({ entries, seen }) => {
    expect(stillSeen(entries, before, 9)).toStrictEqual(new Map(Object.entries(seen)));
  });
});
