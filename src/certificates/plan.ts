import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { isOwnCA, type KeyedCertificate } from './issue.ts';
import { renewalReason } from './renewal.ts';

/** The four files of a certificate directory, as text; undefined for a missing file. */
export interface StoredCertificates {
  readonly 'ca.crt'?: string | undefined;
  readonly 'ca.key'?: string | undefined;
  readonly 'tls.crt'?: string | undefined;
  readonly 'tls.key'?: string | undefined;
}

/** A usable serving certificate, and the CAs that clients should trust. */
export interface ServingCertificate extends KeyedCertificate {
  readonly notAfter: Date;
  /** PEM; undefined if the directory has none. */
  readonly ca: string | undefined;
  readonly caNotAfter: Date | undefined;
}

/** What to do about a certificate directory, and why. */
export type Plan =
  | { readonly action: 'use'; readonly serving: ServingCertificate }
  | { readonly action: 'issue-ca'; readonly reason: string }
  | { readonly action: 'issue-serving'; readonly ca: KeyedCertificate; readonly reason: string }
  | { readonly action: 'refuse'; readonly reason: string };

export interface PlanContext {
  /** DNS names and addresses that the serving certificate must be for, if it is ours to issue. */
  readonly names: readonly string[];
  readonly now: Date;
  /** Whether a good certificate is already in use: then, half of a new pair means waiting for the other half. */
  readonly serving: boolean;
}

/**
 * Decides what to do about a certificate directory. Pure.
 *
 * Certificates are only issued if the directory is empty or contains a CA of this program with its key; other files, such as
 * a mounted Secret, are used or refused, but never overwritten.
 */
export function planCertificates(stored: StoredCertificates, { names, now, serving }: PlanContext): Plan {
  if (Object.values(stored).every((file) => file === undefined))
    return { action: 'issue-ca', reason: 'there is none yet' };

  const ca = ownCA(stored);
  if (!ca || !isIssuedBy(ca.certificate, stored['tls.crt'])) return useOrRefuse(stored, now);

  const caReason = renewalReason(ca.certificate, [], now);
  if (caReason) return { action: 'issue-ca', reason: caReason };
  const reason = reissueReason(stored, { names, now, serving });
  if (reason) return { action: 'issue-serving', ca: ca.keyed, reason };
  return useOrRefuse(stored, now);
}

/** Reports whether the serving certificate may be replaced: this CA issued it, or there is none. */
function isIssuedBy(ca: X509Certificate, cert: string | undefined): boolean {
  if (cert === undefined) return true;
  const certificate = parsed(() => new X509Certificate(cert));
  return certificate?.verify(ca.publicKey) === true;
}

/** Says why our serving certificate should be reissued; undefined if it is good. */
function reissueReason(
  { 'tls.crt': cert, 'tls.key': key }: StoredCertificates,
  context: PlanContext,
): string | undefined {
  if (cert === undefined) return 'there is none yet';
  const certificate = new X509Certificate(cert);
  const privateKey = parsed(() => createPrivateKey(key ?? ''));
  // The process was terminated between the two files; or, while serving, both are just being replaced.
  if (!context.serving && !(privateKey && certificate.checkPrivateKey(privateKey))) return 'its key is missing';
  return renewalReason(certificate, context.names, context.now);
}

function useOrRefuse(stored: StoredCertificates, now: Date): Plan {
  const { 'ca.crt': ca, 'tls.crt': cert, 'tls.key': key } = stored;
  if (cert === undefined) return refuse('tls.crt is missing');
  if (key === undefined) return refuse('tls.key is missing');

  const certificate = parsed(() => new X509Certificate(cert));
  if (!certificate) return refuse('tls.crt is not a PEM certificate');
  const problem = pairProblem(certificate, key, now);
  if (problem) return refuse(problem);

  const authority = parsed(() => new X509Certificate(ca ?? ''));
  if (ca !== undefined && !authority) return refuse('ca.crt is not a PEM certificate');
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    return refuse(`OpenSSL rejects tls.crt: ${(error as Error).message}`);
  }
  const serving = { cert, key, ca, notAfter: certificate.validToDate, caNotAfter: authority?.validToDate };
  return { action: 'use', serving };
}

function pairProblem(certificate: X509Certificate, key: string, now: Date): string | undefined {
  const privateKey = parsed(() => createPrivateKey(key));
  if (!privateKey) return 'tls.key is not a PEM private key';
  if (!certificate.checkPrivateKey(privateKey)) return 'tls.key does not match tls.crt';
  if (certificate.validToDate <= now) return `tls.crt expired at ${certificate.validToDate.toISOString()}`;
  if (certificate.validFromDate > now) return `tls.crt is not valid before ${certificate.validFromDate.toISOString()}`;
  return undefined;
}

/** The CA of the directory, if this program created it and has its key: then it may issue certificates. */
function ownCA({ 'ca.crt': cert, 'ca.key': key }: StoredCertificates) {
  if (cert === undefined || key === undefined) return undefined;
  const certificate = parsed(() => new X509Certificate(cert));
  const privateKey = parsed(() => createPrivateKey(key));
  if (!certificate || !privateKey || !isOwnCA(certificate) || !certificate.checkPrivateKey(privateKey))
    return undefined;
  return { certificate, keyed: { cert: certificate.toString(), key } };
}

function refuse(reason: string): Plan {
  return { action: 'refuse', reason };
}

/** The result of a parser of node:crypto; undefined if it throws. */
function parsed<T extends X509Certificate | KeyObject>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
