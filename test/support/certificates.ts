import { issueCA, issueServingCertificate, type KeyedCertificate } from '../../src/certificates/issue.ts';
import { BACKDATE_MS } from '../../src/certificates/renewal.ts';

const HOUR_MS = 60 * 60 * 1000;

/** The default issue time of certificates in tests. */
export const ISSUED_AT = new Date('2026-11-22T12:00:00Z');

/** The validity of a certificate that the webhook issues. */
export function validFor(hours: number, from = ISSUED_AT) {
  return { notBefore: new Date(from.getTime() - BACKDATE_MS), notAfter: hoursLater(hours, from) };
}

/** A later time, or an earlier one for negative hours. */
export function hoursLater(hours: number, from = ISSUED_AT): Date {
  return new Date(from.getTime() + hours * HOUR_MS);
}

/** A CA and a serving certificate for localhost, valid now. */
export async function localCertificates(
  from = new Date(),
): Promise<{ ca: KeyedCertificate; serving: KeyedCertificate }> {
  const ca = await issueCA(validFor(24 * 365, from));
  const serving = await issueServingCertificate({
    ca,
    names: ['localhost', '127.0.0.1', '::1'],
    ...validFor(24, from),
  });
  return { ca, serving };
}
