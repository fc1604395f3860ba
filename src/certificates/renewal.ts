import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** `notBefore` is this far in the past: clocks differ, and Go clients reject a certificate or CA from the future. */
export const BACKDATE_MS = 60 * 60 * 1000;

/** Certificates are renewed after two thirds of their lifetime, which leaves a third to recover from failures. */
const RENEWAL_FRACTION = 2 / 3;

/** Renewals are spread over a twentieth of the lifetime, so that replicas do not renew in the same second. */
const JITTER_FRACTION = 1 / 20;

/** The validity of a certificate that is issued now. */
export function validFrom(now: Date, lifetimeMs: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - BACKDATE_MS), notAfter: new Date(now.getTime() + lifetimeMs) };
}

/** When a certificate should be replaced: derived from its fingerprint, so that the answer is always the same. */
export function renewalTime(certificate: X509Certificate): Date {
  const issuedAt = certificate.validFromDate.getTime() + BACKDATE_MS;
  const life = certificate.validToDate.getTime() - issuedAt;
  const jitter = (Number.parseInt(certificate.fingerprint256.slice(0, 2), 16) / 256) * JITTER_FRACTION;
  return new Date(issuedAt + life * (RENEWAL_FRACTION + jitter));
}

/** Says why a certificate should be replaced now; undefined if it should not. */
export function renewalReason(certificate: X509Certificate, names: readonly string[], now: Date): string | undefined {
  const missing = names.find((name) => !isFor(certificate, name));
  if (missing !== undefined) return `it is not valid for ${missing}`;
  if (now >= renewalTime(certificate)) return `it expires at ${certificate.validToDate.toISOString()}`;
  return undefined;
}

function isFor(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}
