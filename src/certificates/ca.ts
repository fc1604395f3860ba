import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isOwnCA } from './issue.ts';
import { renewalTime } from './renewal.ts';

/** A CA certificate of this program, as in a caBundle. */
export interface CACertificate {
  /** SHA-256 of the certificate, in hexadecimal digits. */
  readonly fingerprint: string;
  /** PEM. */
  readonly cert: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly renewAt: Date;
}

/** A CA that signs serving certificates (`active`), or will do so (`pending`: API servers do not all know it yet). */
export interface SigningCA extends CACertificate {
  readonly state: 'active' | 'pending';
  /** When it got this state. */
  readonly since: Date;
  /** PEM. */
  readonly key: string;
}

/**
 * A CA that no longer signs, so its key was deleted. Certificates of a `retired` one may still be in use; a `distrusted` one
 * must never be in a caBundle again, because its key has leaked.
 */
export interface FormerCA extends CACertificate {
  readonly state: 'retired' | 'distrusted';
  readonly since: Date;
}

/** A CA as the Secret holds it: at most one is active, and at most one is pending. */
export type CA = SigningCA | FormerCA;

/** The SHA-256 fingerprint of a certificate, in this program's format. */
export function fingerprintOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

/** As much of a fingerprint as people need to tell one from another. */
export function shortened(fingerprint: string): string {
  return fingerprint.slice(0, 12);
}

/** Describes the certificate of a CA that was made here. */
export function describeCA(certificate: X509Certificate): CACertificate {
  return {
    fingerprint: fingerprintOf(certificate),
    cert: certificate.toString(),
    notBefore: certificate.validFromDate,
    notAfter: certificate.validToDate,
    renewAt: renewalTime(certificate),
  };
}

/** Reads a PEM certificate; undefined unless it is a CA that was made here. */
export function readCACertificate(pem: string): CACertificate | undefined {
  try {
    const certificate = new X509Certificate(pem);
    return isOwnCA(certificate) ? describeCA(certificate) : undefined;
  } catch {
    return undefined;
  }
}

/** Reports whether a CA is among others. */
export function has(cas: readonly CACertificate[], { fingerprint }: CACertificate): boolean {
  return cas.some((ca) => ca.fingerprint === fingerprint);
}

/** The CAs that are in each of several lists. */
export function inEvery(lists: readonly (readonly CACertificate[])[]): readonly CACertificate[] {
  return lists.slice(0, 1).flatMap((first) => first.filter((ca) => lists.every((list) => has(list, ca))));
}

/** Reports whether a CA has signed a certificate. */
export function hasSigned({ cert }: CACertificate, certificate: X509Certificate): boolean {
  return certificate.verify(new X509Certificate(cert).publicKey);
}

/** Reports whether a PEM private key is the one of a certificate. */
export function isKeyOf({ cert }: CACertificate, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** Base64 has no hyphens. A pattern that allows any text in between takes seconds for a MiB of headers without footers. */
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates in a caBundle; anything else is ignored. */
export function readCertificates(caBundle: string): X509Certificate[] {
  const blocks = caBundle.match(PEM_CERTIFICATE) ?? [];
  return blocks.flatMap((pem) => {
    try {
      return [new X509Certificate(pem)];
    } catch {
      return [];
    }
  });
}

/** The CAs in a caBundle that were made here. */
export function readBundle(caBundle: string): CACertificate[] {
  return readCertificates(caBundle).filter(isOwnCA).map(describeCA);
}
