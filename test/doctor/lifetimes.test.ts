import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { issueCA, issueServingCertificate, type KeyedCertificate } from '../../src/certificates/issue.ts';
import { ageOf, certificateMode } from '../../src/doctor/lifetimes.ts';
import { hoursLater, validFor } from '../support/certificates.ts';
import { chartConfiguration } from '../support/chart-configuration.ts';
import { foreignCertificate } from '../support/openssl.ts';

const DAY = 24;

let ca: KeyedCertificate;

beforeAll(async () => {
  ca = await issueCA(validFor(365 * DAY));
});

describe('certificateMode()', () => {
  test('recognizes cert-manager by its annotation', () => {
    expect(certificateMode(chartConfiguration('cert-manager'), [ca.cert])).toBe('cert-manager');
  });

  test('recognizes our own CAs', () => {
    expect(certificateMode(chartConfiguration(), ['', ca.cert])).toBe('self');
  });

  test.for([
    { name: 'eg', mode: 'self' },
    { name: 'eg-provided', mode: 'provided' },
  ])('is $mode for a release with the configuration $name and a caBundle that is not readable', ({ name, mode }) => {
    const annotations = { 'meta.helm.sh/release-name': 'eg', 'meta.helm.sh/release-namespace': 'eg' };
    const configuration = chartConfiguration();
    const metadata = { ...configuration.metadata, name, annotations };
    expect(certificateMode({ ...configuration, metadata }, ['garbage'])).toBe(mode);
  });

  test('treats all others as provided', () => {
    expect(certificateMode(chartConfiguration(), [foreignCertificate().cert])).toBe('provided');
  });
});

describe('ageOf()', () => {
  test.for([
    // The certificates are backdated by an hour, so they are valid for a day and an hour.
    ['self', 'serving', 24, 17.9, 'good'],
    ['self', 'serving', 24, 18.1, 'overdue'],
    ['self', 'serving', 24, 24, 'expired'],
    ['self', 'ca', 365 * DAY, (365 - 91) * DAY, 'good'],
    ['self', 'ca', 365 * DAY, (365 - 89) * DAY, 'overdue'],
    ['cert-manager', 'serving', 90 * DAY, (90 - 22) * DAY, 'good'],
    ['cert-manager', 'serving', 90 * DAY, (90 - 20) * DAY, 'overdue'],
    ['cert-manager', 'ca', 365 * DAY, (365 - 46) * DAY, 'good'],
    ['cert-manager', 'ca', 365 * DAY, (365 - 44) * DAY, 'overdue'],
    ['provided', 'serving', 90 * DAY, (90 - 15) * DAY, 'good'],
    ['provided', 'serving', 90 * DAY, (90 - 13) * DAY, 'overdue'],
    ['provided', 'ca', 90 * DAY, (90 - 13) * DAY, 'overdue'],
    // A third of 24 days is eight days.
    ['provided', 'serving', 24 * DAY, 15 * DAY, 'good'],
    ['provided', 'serving', 24 * DAY, 17 * DAY, 'overdue'],
  ] as const)('%s, %s: valid for %d hours, after %d hours: %s', async ([mode, kind, hours, later, age]) => {
    const { cert } = await issueServingCertificate({ ca, names: ['a'], ...validFor(hours) });
    expect(ageOf(new X509Certificate(cert), { mode, kind, now: hoursLater(later) })).toBe(age);
  });
});
