import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeCA, isKeyOf, readBundle, readCACertificate, type SigningCA } from '../../src/certificates/ca.ts';
import { issueServingCertificate, type KeyedCertificate } from '../../src/certificates/issue.ts';
import { newCA } from '../../src/certificates/new-ca.ts';
import { renewalTime } from '../../src/certificates/renewal.ts';
import { hoursLater, ISSUED_AT, validFor } from '../support/certificates.ts';
import { foreignCertificate } from '../support/openssl.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let ca: SigningCA;
let other: SigningCA;
let serving: KeyedCertificate;
let foreign: KeyedCertificate;

beforeAll(async () => {
  ca = await newCA('active', ISSUED_AT, 365 * DAY_MS);
  other = await newCA('pending', hoursLater(1), DAY_MS);
  serving = await issueServingCertificate({ ca, names: ['localhost'], ...validFor(24) });
  foreign = foreignCertificate();
});

const certificateOf = ({ cert, fingerprint, notBefore, notAfter, renewAt }: SigningCA) => {
  return { cert, fingerprint, notBefore, notAfter, renewAt };
};

describe('newCA()', () => {
  test('issues a CA with its key, in the given state since now', () => {
    const certificate = new X509Certificate(ca.cert);
    expect(ca).toStrictEqual({ ...describeCA(certificate), key: ca.key, state: 'active', since: ISSUED_AT });
    expect(isKeyOf(ca, ca.key)).toBe(true);
    expect([ca.notBefore, ca.notAfter]).toEqual([hoursLater(-1), hoursLater(24 * 365)]);
    expect([other.state, other.since, other.notAfter]).toEqual(['pending', hoursLater(1), hoursLater(25)]);
  });
});

describe('readCACertificate()', () => {
  test("reads a CA of this program: the same fingerprint as openssl's, its dates, and its renewal time", () => {
    const certificate = new X509Certificate(ca.cert);
    expect(readCACertificate(ca.cert)).toStrictEqual(certificateOf(ca));
    expect(ca.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(ca.fingerprint).toBe(certificate.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(ca.renewAt).toEqual(renewalTime(certificate));
  });

  test('normalizes the PEM text', () => {
    expect(readCACertificate(`# ours\r\n${ca.cert.replaceAll('\n', '\r\n')}\r\n`)).toStrictEqual(certificateOf(ca));
  });

  test('returns undefined for anything else', () => {
    for (const text of ['', 'garbage', ca.key, serving.cert, foreign.cert, ca.cert.slice(0, -60)]) {
      expect(readCACertificate(text)).toBeUndefined();
    }
  });
});

describe('isKeyOf()', () => {
  test('distinguishes the key of a certificate from other keys and garbage', () => {
    expect([ca.key, other.key, '', 'garbage', ca.cert].map((key) => isKeyOf(ca, key))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('readBundle()', () => {
  test('finds the CAs of this program, in order, among other content', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const bundle = `junk\n${other.cert}${foreign.cert}# a comment\n${broken}${serving.cert}${ca.key}${ca.cert}junk`;
    expect(readBundle(bundle)).toStrictEqual([certificateOf(other), certificateOf(ca)]);
  });

  test('finds none in an empty bundle or garbage', () => {
    expect([readBundle(''), readBundle('garbage'), readBundle(ca.cert.slice(0, -2))]).toEqual([[], [], []]);
  });

  test('reads a caBundle in linear time, even if it is crafted to be slow', () => {
    const begin = '-----BEGIN CERTIFICATE-----\n';
    const timeMs = (times: number) => {
      const startedAt = performance.now();
      expect(readBundle(begin.repeat(times))).toEqual([]);
      return performance.now() - startedAt;
    };
    // 1 MiB, about the largest object that the API server accepts. Searching from each BEGIN to the end of the text takes 10 s.
    expect(timeMs(37_000)).toBeLessThan(1_000);
  });
});
