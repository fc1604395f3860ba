import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { issueCA, issueServingCertificate } from '../../src/certificates/issue.ts';
import { renewalReason, renewalTime } from '../../src/certificates/renewal.ts';
import { hoursLater, validFor } from '../support/certificates.ts';

let certificate: X509Certificate;
let brief: X509Certificate;

beforeAll(async () => {
  const ca = await issueCA(validFor(24 * 365));
  const { cert } = await issueServingCertificate({ ca, names: ['localhost', '127.0.0.1'], ...validFor(24) });
  certificate = new X509Certificate(cert);
  brief = new X509Certificate((await issueCA(validFor(1))).cert);
});

describe('renewalTime()', () => {
  test('is after two thirds of the lifetime, or up to a twentieth later', () => {
    const time = renewalTime(certificate).getTime();
    expect(time).toBeGreaterThanOrEqual(hoursLater(16).getTime());
    expect(time).toBeLessThan(hoursLater(16 + 24 / 20).getTime());
    // A short lifetime shows that backdating is not counted.
    expect(renewalTime(brief).getTime()).toBeGreaterThanOrEqual(hoursLater(2 / 3).getTime());
  });

  test('is the same for every call', () => {
    expect(renewalTime(certificate)).toEqual(renewalTime(certificate));
  });

  test('differs between certificates', async () => {
    const issued = await Promise.all(Array.from({ length: 8 }, () => issueCA(validFor(24))));
    const times = issued.map(({ cert }) => renewalTime(new X509Certificate(cert)).getTime());
    expect(new Set(times).size).toBeGreaterThan(1);
  });
});

describe('renewalReason()', () => {
  test.for([
    { name: 'a new certificate', hours: 0, names: ['localhost', '127.0.0.1'], reason: undefined },
    { name: 'fewer names than the certificate has', hours: 0, names: ['localhost'], reason: undefined },
    { name: 'a certificate shortly before its renewal', hours: 15.9, names: ['localhost'], reason: undefined },
    {
      name: 'a certificate after its renewal',
      hours: 17.3,
      names: ['localhost'],
      reason: 'it expires at 2026-11-23T12:00:00.000Z',
    },
    {
      name: 'another DNS name',
      hours: 0,
      names: ['localhost', 'example.com'],
      reason: 'it is not valid for example.com',
    },
    { name: 'another address', hours: 0, names: ['127.0.0.1', '10.0.0.1'], reason: 'it is not valid for 10.0.0.1' },
  ])('for $name is: $reason', ({ hours, names, reason }) => {
    expect(renewalReason(certificate, names, hoursLater(hours))).toBe(reason);
  });
});
