import type { CACertificate, FormerCA, SigningCA } from '../../src/certificates/ca.ts';
import { hoursLater, ISSUED_AT } from './certificates.ts';

interface Life {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly renewAt?: Date;
}

/** A CA for code that only uses dates and names. Its certificate is a placeholder with its name, such as `<a>`. */
export function namedCA(name: string, life: Life = {}): CACertificate {
  return {
    fingerprint: name,
    cert: `<${name}>`,
    notBefore: hoursLater(-1),
    notAfter: hoursLater(24 * 365),
    renewAt: hoursLater(24 * 250),
    ...life,
  };
}

export function signing(
  state: SigningCA['state'],
  name: string,
  { since = ISSUED_AT, ...life }: Life & { since?: Date } = {},
): SigningCA {
  return { ...namedCA(name, life), state, since, key: `key of ${name}` };
}

export function former(
  state: FormerCA['state'],
  name: string,
  { since = ISSUED_AT, ...life }: Life & { since?: Date } = {},
): FormerCA {
  return { ...namedCA(name, life), state, since };
}
