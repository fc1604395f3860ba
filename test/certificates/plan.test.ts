import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { issueCA, issueServingCertificate, type KeyedCertificate } from '../../src/certificates/issue.ts';
import { planCertificates, type StoredCertificates } from '../../src/certificates/plan.ts';
import { hoursLater, validFor } from '../support/certificates.ts';
import { foreignCertificate } from '../support/openssl.ts';

const NAMES = ['localhost'];

let ca: KeyedCertificate;
let serving: KeyedCertificate;
let other: { ca: KeyedCertificate; serving: KeyedCertificate };
let whole: StoredCertificates;

beforeAll(async () => {
  const issue = async () => {
    const issuer = await issueCA(validFor(24 * 365));
    return { ca: issuer, serving: await issueServingCertificate({ ca: issuer, names: NAMES, ...validFor(24) }) };
  };
  ({ ca, serving } = await issue());
  other = await issue();
  whole = { 'ca.crt': ca.cert, 'ca.key': ca.key, 'tls.crt': serving.cert, 'tls.key': serving.key };
});

const plan = (stored: StoredCertificates, { hours = 0, inUse = false, names = NAMES } = {}) =>
  planCertificates(stored, { names, now: hoursLater(hours), serving: inUse });

describe('planCertificates()', () => {
  test('issues everything for an empty directory', () => {
    expect(plan({})).toEqual({ action: 'issue-ca', reason: 'there is none yet' });
  });

  test('uses certificates that it has issued', () => {
    const notAfter = new Date('2026-11-23T12:00:00Z');
    const caNotAfter = new Date('2027-11-22T12:00:00Z');
    const expected = { ...serving, ca: ca.cert, notAfter, caNotAfter };
    expect(plan(whole)).toEqual({ action: 'use', serving: expected });
  });

  test('uses certificates of another issuer, with or without a CA', () => {
    const theirs = { 'tls.crt': serving.cert, 'tls.key': serving.key };
    expect(plan({ ...theirs, 'ca.crt': ca.cert })).toMatchObject({ action: 'use', serving: { ca: ca.cert } });
    expect(plan(theirs)).toMatchObject({ action: 'use', serving: { ca: undefined, caNotAfter: undefined } });
  });

  test('renews the serving certificate when it is due, signed by the existing CA', () => {
    const reason = 'it expires at 2026-11-23T12:00:00.000Z';
    expect(plan(whole, { hours: 18 })).toEqual({ action: 'issue-serving', ca, reason });
    expect(plan(whole, { hours: 18, inUse: true })).toEqual({ action: 'issue-serving', ca, reason });
    expect(plan(whole, { hours: 25 })).toEqual({ action: 'issue-serving', ca, reason });
  });

  test('issues the serving certificate again for other names', () => {
    expect(plan(whole, { names: ['localhost', '::1'] })).toMatchObject({
      action: 'issue-serving',
      reason: 'it is not valid for ::1',
    });
  });

  test('signs with the first CA of a bundle', () => {
    const bundle = { ...whole, 'ca.crt': ca.cert + other.ca.cert };
    expect(plan(bundle, { hours: 18 })).toMatchObject({ action: 'issue-serving', ca });
  });

  test('replaces a CA that is due', () => {
    const hours = 24 * 365 * 0.72;
    expect(plan(whole, { hours })).toEqual({ action: 'issue-ca', reason: 'it expires at 2027-11-22T12:00:00.000Z' });
  });

  test('issues a serving certificate if only the CA exists', () => {
    const left = { 'ca.crt': ca.cert, 'ca.key': ca.key };
    const reason = 'there is none yet';
    expect(plan(left)).toEqual({ action: 'issue-serving', ca, reason });
    expect(plan(left, { inUse: true })).toEqual({ action: 'issue-serving', ca, reason });
    expect(plan({ ...left, 'tls.key': serving.key })).toEqual({ action: 'issue-serving', ca, reason });
  });

  test.for([
    { name: 'no key', key: () => ({}) },
    { name: 'a truncated key', key: () => ({ 'tls.key': serving.key.slice(0, 500) }) },
    { name: 'the key of another certificate', key: () => ({ 'tls.key': other.serving.key }) },
  ])('issues our serving certificate with $name again at start, and waits while it serves', ({ key }) => {
    const stored: StoredCertificates = { 'ca.crt': ca.cert, 'ca.key': ca.key, 'tls.crt': serving.cert, ...key() };
    expect(plan(stored)).toEqual({ action: 'issue-serving', ca, reason: 'its key is missing' });
    expect(plan(stored, { inUse: true })).toMatchObject({ action: 'refuse' });
  });

  test.for<{ reason: string; stored: () => StoredCertificates; hours?: number }>([
    { reason: 'tls.crt is missing', stored: () => ({ 'tls.key': serving.key }) },
    { reason: 'tls.crt is missing', stored: () => ({ 'ca.crt': ca.cert }) },
    { reason: 'tls.crt is missing', stored: () => ({ 'ca.key': ca.key }) },
    { reason: 'tls.crt is not a PEM certificate', stored: () => ({ 'tls.crt': '', 'tls.key': '' }) },
    { reason: 'tls.key is missing', stored: () => ({ 'tls.crt': serving.cert }) },
    { reason: 'tls.crt is not a PEM certificate', stored: () => ({ ...whole, 'tls.crt': serving.cert.slice(0, 600) }) },
    { reason: 'tls.crt is not a PEM certificate', stored: () => ({ ...whole, 'tls.crt': '' }) },
    {
      reason: 'tls.key is not a PEM private key',
      stored: () => ({ 'tls.crt': serving.cert, 'tls.key': serving.key.slice(0, 600) }),
    },
    {
      reason: 'tls.key does not match tls.crt',
      stored: () => ({ 'tls.crt': serving.cert, 'tls.key': other.serving.key }),
    },
    {
      reason: 'ca.crt is not a PEM certificate',
      stored: () => ({ 'tls.crt': serving.cert, 'tls.key': serving.key, 'ca.crt': 'x' }),
    },
    {
      reason: 'tls.crt expired at 2026-11-23T12:00:00.000Z',
      stored: () => ({ 'tls.crt': serving.cert, 'tls.key': serving.key }),
      hours: 24,
    },
    {
      reason: 'tls.crt is not valid before 2026-11-22T11:00:00.000Z',
      stored: () => ({ 'tls.crt': serving.cert, 'tls.key': serving.key }),
      hours: -1.01,
    },
  ])('refuses, and overwrites nothing: $reason', ({ reason, stored, hours = 0 }) => {
    expect(plan(stored(), { hours })).toEqual({ action: 'refuse', reason });
    expect(plan(stored(), { hours, inUse: true })).toEqual({ action: 'refuse', reason });
  });

  test('refuses a pair that OpenSSL would not serve', () => {
    const weak = foreignCertificate({ bits: 1024 });
    const now = new Date(new X509Certificate(weak.cert).validFromDate.getTime() + 1000);
    const stored = { 'tls.crt': weak.cert, 'tls.key': weak.key };
    const decided = planCertificates(stored, { names: NAMES, now, serving: false });
    expect(decided).toMatchObject({
      action: 'refuse',
      reason: expect.stringMatching(/^OpenSSL rejects tls.crt: .*key too small/),
    });
  });

  test('never replaces a certificate that another CA has issued', () => {
    const foreign = { ...whole, 'tls.crt': other.serving.cert, 'tls.key': other.serving.key };
    expect(plan(foreign, { hours: 18 })).toMatchObject({ action: 'use', serving: other.serving });
    expect(plan(foreign, { hours: 24 * 365 * 0.72 })).toMatchObject({ action: 'refuse' });
  });

  test.for([
    { name: 'without a key', stored: () => ({ 'ca.crt': ca.cert }) },
    { name: 'with another key', stored: () => ({ 'ca.crt': ca.cert, 'ca.key': other.ca.key }) },
    { name: 'that is not a certificate', stored: () => ({ 'ca.crt': 'x', 'ca.key': ca.key }) },
    { name: 'with an invalid key', stored: () => ({ 'ca.crt': ca.cert, 'ca.key': 'x' }) },
    { name: 'of another issuer', stored: () => ({ 'ca.crt': serving.cert, 'ca.key': serving.key }) },
  ])('issues nothing from a CA $name', ({ stored }) => {
    expect(plan(stored())).toEqual({ action: 'refuse', reason: 'tls.crt is missing' });
  });
});
