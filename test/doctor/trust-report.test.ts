import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CA, CACertificate, FormerCA, SigningCA } from '../../src/certificates/ca.ts';
import { issueServingCertificate } from '../../src/certificates/issue.ts';
import { newCA } from '../../src/certificates/new-ca.ts';
import { leavesAt, TIMING } from '../../src/certificates/timing.ts';
import { reportTrust, type TrustState } from '../../src/doctor/trust-report.ts';
import type { Refusal, Served } from '../../src/installation/served.ts';
import { hoursLater, ISSUED_AT as NOW, validFor } from '../support/certificates.ts';

let a: SigningCA;
let b: SigningCA;
let byA: X509Certificate;

beforeAll(async () => {
  a = await newCA('active', NOW, TIMING.caLifetimeMs);
  b = await newCA('pending', hoursLater(1), TIMING.caLifetimeMs);
  byA = new X509Certificate((await issueServingCertificate({ ca: a, names: ['localhost'], ...validFor(24) })).cert);
});

function formerly({ key, ...certificate }: SigningCA, state: FormerCA['state']): FormerCA {
  return { ...certificate, state, since: NOW };
}

const served = (...refusals: readonly Refusal[]): Served => ({ pod: 'pod-a', certificate: byA, refusals });
const ofService = (...pods: readonly Served[]) => [{ namespace: 'n', name: 'a-service', served: pods }];

function report(cas: readonly CA[], bundles: readonly (readonly CACertificate[])[], state: Partial<TrustState> = {}) {
  const entries = bundles.map((registered, index) => ({
    name: `entry-${index}`,
    caBundle: registered.map(({ cert }) => cert).join(''),
    cas: registered,
  }));
  return reportTrust({ cas, refused: [], entries, services: ofService(served()), now: NOW, ...state }, TIMING);
}

const messages = ({ problems }: ReturnType<typeof reportTrust>) => problems.map(({ message }) => message);
const short = ({ fingerprint }: CACertificate) => fingerprint.slice(0, 12);

describe('reportTrust()', () => {
  test('finds no problems in an empty cluster', () => {
    expect(report([a], [[a], [a]])).toStrictEqual({
      cas: [{ fingerprint: a.fingerprint, state: 'active', since: NOW, notAfter: a.notAfter, inCABundles: 2 }],
      serving: [
        {
          pod: 'pod-a',
          fingerprint: byA.fingerprint256.replaceAll(':', '').toLowerCase(),
          notAfter: hoursLater(24),
          ca: a.fingerprint,
          trusted: true,
        },
      ],
      next: [{ at: a.renewAt, event: `a new CA joins CA ${short(a)} in the caBundle` }],
      problems: [],
    });
  });

  test('reveals no key', () => {
    expect(JSON.stringify(report([a, b], [[a, b]]))).not.toContain('PRIVATE');
  });

  test('reports CAs in the caBundles that are missing in the Secret, each once, and the Pods that use them', () => {
    const { cas, serving, next } = report([], [[a, b], [a], []]);
    expect(cas).toStrictEqual([
      { fingerprint: a.fingerprint, state: 'unknown', notAfter: a.notAfter, inCABundles: 2 },
      { fingerprint: b.fingerprint, state: 'unknown', notAfter: b.notAfter, inCABundles: 1 },
    ]);
    expect(serving).toMatchObject([{ ca: a.fingerprint }]);
    expect(next).toEqual([]);
  });

  test.for([
    { passedMs: 0, inBundle: true, startsMs: 60_000 },
    { passedMs: 20_000, inBundle: true, startsMs: 60_000 },
    { passedMs: 70_000, inBundle: true, startsMs: 70_000 },
    // It has to be published first.
    { passedMs: 20_000, inBundle: false, startsMs: 80_000 },
  ])('says when a pending CA starts to sign: $passedMs ms after it was created', ({ passedMs, inBundle, startsMs }) => {
    const passed = (ms: number) => new Date(b.since.getTime() + ms);
    expect(report([a, b], [inBundle ? [a, b] : [a]], { now: passed(passedMs) }).next).toStrictEqual([
      { at: passed(startsMs), event: `CA ${short(b)} starts signing at about this time` },
      { at: a.renewAt, event: `a new CA joins CA ${short(a)} in the caBundle` },
    ]);
  });

  test.for([
    { state: 'retired' as const, isLive: true, leaves: true },
    { state: 'retired' as const, isLive: false, leaves: false },
    { state: 'distrusted' as const, isLive: true, leaves: false },
  ])('says when a $state CA is removed, if it is in the caBundle: $isLive', ({ state, isLive, leaves }) => {
    const former = formerly(b, state);
    const { next } = report([a, former], [isLive ? [a, former] : [a]]);
    const event = { at: leavesAt(former, TIMING), event: `CA ${short(b)} leaves the caBundle` };
    expect(next.filter(({ event: text }) => text.includes('leaves'))).toStrictEqual(leaves ? [event] : []);
  });

  test.for([
    { name: 'expired', hours: 24, ms: 0, trusted: false },
    { name: 'about to expire', hours: 24, ms: -1, trusted: true },
  ])('trusts a certificate that is $name: $trusted', ({ hours, ms, trusted }) => {
    const now = new Date(hoursLater(hours).getTime() + ms);
    const { serving, problems } = report([a], [[a]], { now });
    expect(serving).toMatchObject([{ trusted }]);
    expect(problems).toMatchObject([{ name: 'served', status: trusted ? 'warning' : 'failure' }]);
  });

  test('does not trust a certificate that a caBundle refuses', () => {
    const refusal = { entries: ['entry-1'], caBundle: b.cert, problem: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' };
    const { serving, problems } = report([a, b], [[a, b]], { services: ofService(served(refusal)) });
    expect(serving).toMatchObject([{ trusted: false }]);
    expect(problems).toMatchObject([
      {
        message: 'Pod pod-a serves a certificate that the API server does not trust',
        details: ['caBundle of entry-1: UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      },
    ]);
  });

  test('reports an empty caBundle once, and trusts no certificate with it', () => {
    const refusal = { entries: ['entry-1'], caBundle: '', problem: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' };
    const { serving, problems } = report([a], [[a], []], { services: ofService(served(refusal)) });
    expect(serving).toMatchObject([{ trusted: false }]);
    expect(problems).toMatchObject([
      { message: 'the caBundle of entry-1 is empty: the API server does not trust the webhook' },
    ]);
  });

  test('reports that there are no entries', () => {
    expect(messages(report([a], []))).toEqual(['the MutatingWebhookConfiguration has no entries']);
  });

  test('reports no CA if no Pod serves a certificate', () => {
    const [serving] = report([b], [[b]]).serving;
    expect(serving).not.toHaveProperty('ca');
  });

  test('reports every problem', () => {
    const silent = { pod: 'pod-a', problem: 'Pod pod-a is silent' };
    const services = [...ofService(silent), { namespace: 'n', name: 'another', served: [] }];
    const all = report([a, b], [[a, b], [b]], { services, refused: ['x', 'y'] });
    expect(all.serving).toEqual([silent]);
    expect(messages(all)).toEqual([
      'part of the Secret cannot be used: x',
      'part of the Secret cannot be used: y',
      'the caBundle is wrong: a CA is missing from it',
      'Service n/another has no ready Pod',
      'Pod pod-a is silent',
    ]);
    expect(messages(report([a, formerly(b, 'distrusted')], [[a, b]]))).toEqual([
      'the caBundle is wrong: it contains more than it should',
    ]);
  });
});
