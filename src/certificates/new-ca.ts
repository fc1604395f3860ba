import { X509Certificate } from 'node:crypto';
import { describeCA, type SigningCA } from './ca.ts';
import { issueCA } from './issue.ts';
import { validFrom } from './renewal.ts';

/** Makes a CA for the Secret. */
export async function newCA(state: SigningCA['state'], now: Date, lifetimeMs: number): Promise<SigningCA> {
  const { cert, key } = await issueCA(validFrom(now, lifetimeMs));
  return { ...describeCA(new X509Certificate(cert)), key, state, since: now };
}
