import { X509Certificate } from 'node:crypto';
import type { SigningCA } from './ca.ts';
import { issueServingCertificate } from './issue.ts';
import type { ServingState } from './observation.ts';
import type { ServingCertificate } from './plan.ts';
import { renewalTime, validFrom } from './renewal.ts';
import type { Timing } from './timing.ts';

/** A serving certificate of a replica, and what its rotation goes by. */
export interface IssuedServing {
  readonly serving: ServingCertificate;
  readonly state: ServingState;
}

/** Issues a serving certificate that lives from now on. */
export async function issueServing(
  ca: SigningCA,
  names: readonly string[],
  now: Date,
  { servingLifetimeMs, clockSkewMs }: Timing,
): Promise<IssuedServing> {
  const { cert, key } = await issueServingCertificate({ ca, names, ...validFrom(now, servingLifetimeMs) });
  const certificate = new X509Certificate(cert);
  const notAfter = certificate.validToDate;
  return {
    serving: { cert, key, ca: ca.cert, notAfter, caNotAfter: ca.notAfter },
    state: { ca, notAfter: new Date(notAfter.getTime() - clockSkewMs), renewAt: renewalTime(certificate) },
  };
}
