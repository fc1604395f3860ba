import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CA, CACertificate, FormerCA, SigningCA } from '../../src/certificates/ca.ts';
import { issueServingCertificate } from '../../src/certificates/issue.ts';
import { newCA } from '../../src/certificates/new-ca.ts';
import { leavesAt, TIMING } from '../../src/certificates/timing.ts';
import { reportTrust, type TrustState } from '../../src/certificates/trust-report.ts';
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

function report(cas: readonly CA[], bundles: readonly (readonly CACertificate[])[], state: Partial<TrustState> = {}) {
  const entries = bundles.map((registered, index) => ({
    name: `entry-${index}`,
    caBundle: registered.map(({ cert }) => cert).join(''),
    cas: registered,
  }));
  const served = [{ pod: 'pod-a', certificate: byA }];
  return reportTrust({ cas, refused: [], entries, served, now: NOW, ...state }, TIMING);
}

const short = ({ fingerprint }: CACertificate) => fingerprint.slice(0, 12);

describe('reportTrust()', () => {
  test('finds nothing wrong where nothing is', () => {
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

  test('tells no key', () => {
    expect(JSON.stringify(report([a, b], [[a, b]]))).not.toContain('PRIVATE');
  });

  test('names CAs of the caBundles that the Secret does not know, each once, and what is served from them', () => {
    const { cas, serving, next } = report([], [[a, b], [a], []]);
    expect(cas).toStrictEqual([
      { fingerprint: a.fingerprint, state: 'unknown', notAfter: a.notAfter, inCABundles: 2 },
      { fingerprint: b.fingerprint, state: 'unknown', notAfter: b.notAfter, inCABundles: 1 },
    ]);
    expect(serving).toMatchObject([{ ca: a.fingerprint, trusted: false }]);
    expect(next).toEqual([]);
  });

  test('says when a pending CA begins to sign, before what comes later', () => {
    expect(report([a, b], [[a, b]]).next).toStrictEqual([
      { at: new Date(NOW.getTime() + 60_000), event: `CA ${short(b)} starts signing at about this time` },
      { at: a.renewAt, event: `a new CA joins CA ${short(a)} in the caBundle` },
    ]);
  });

  test.for([
    { state: 'retired' as const, isLive: true, leaves: true },
    { state: 'retired' as const, isLive: false, leaves: false },
    { state: 'distrusted' as const, isLive: true, leaves: false },
  ])('says when a CA leaves that is $state, in the caBundle: $isLive', ({ state, isLive, leaves }) => {
    const former = formerly(b, state);
    const { next } = report([a, former], [isLive ? [a, former] : [a]]);
    const event = { at: leavesAt(former, TIMING), event: `CA ${short(b)} leaves the caBundle` };
    expect(next.filter(({ event: text }) => text.includes('leaves'))).toStrictEqual(leaves ? [event] : []);
  });

  test.for([
    { name: 'expired', hours: 24, ms: 0, trusted: false },
    { name: 'about to expire', hours: 24, ms: -1, trusted: true },
  ])('trusts what is served: $trusted, as it is $name', ({ hours, ms, trusted }) => {
    const now = new Date(hoursLater(hours).getTime() + ms);
    expect(report([a], [[a]], { now }).serving).toMatchObject([{ trusted }]);
  });

  test('trusts nothing of a CA that has expired', () => {
    const { serving, problems } = report([{ ...a, notAfter: NOW }], [[a]]);
    expect(serving).toMatchObject([{ ca: a.fingerprint, trusted: false }]);
    expect(problems).toContain('Pod pod-a serves a certificate that the API server does not trust');
  });

  test('trusts nothing without entries', () => {
    const { serving, problems } = report([a], []);
    expect(serving).toMatchObject([{ trusted: false }]);
    expect(problems).toEqual([
      'the MutatingWebhookConfiguration has no entries',
      'Pod pod-a serves a certificate that the API server does not trust',
    ]);
  });

  test('knows no CA of what is served by nobody', () => {
    const [serving] = report([b], [[b]]).serving;
    expect(serving).toMatchObject({ trusted: false });
    expect(serving).not.toHaveProperty('ca');
  });

  test('names every problem', () => {
    const served = [{ pod: 'pod-a', problem: 'Pod pod-a is silent' }];
    expect(report([a], [[a], []], { served, refused: ['x', 'y'] })).toMatchObject({
      serving: served,
      problems: [
        'part of the Secret cannot be used: x',
        'part of the Secret cannot be used: y',
        'the caBundle is wrong: a CA is missing from it',
        'Pod pod-a is silent',
      ],
    });
    expect(report([a], [[a, formerly(b, 'distrusted')]], { served: [] }).problems).toEqual(['no Pod is ready']);
    expect(report([a, formerly(b, 'distrusted')], [[a, b]], { served: [] }).problems).toEqual([
      'the caBundle is wrong: it contains more than it should',
      'no Pod is ready',
    ]);
  });
});
