import { parse } from 'yaml';
import { Fields } from './fields.ts';

/** The credential that an exec plugin returns. */
export interface ExecCredential {
  /** Empty if there is none. */
  readonly token: string;
  /** PEM, and its key; both are empty if there is none. */
  readonly certificate: string;
  readonly key: string;
  /** Undefined if it is valid until it is refused. */
  readonly expiresAt: Date | undefined;
}

/** Parses the output of a plugin. Throws if kubectl would fail. */
export function parseExecCredential(output: string, apiVersion: string): ExecCredential {
  const root = new Fields(parse(output));
  const [itsVersion, kind] = [root.text('apiVersion'), root.text('kind')];
  if (kind !== 'ExecCredential') throw new Error(`kind is "${kind}", expected ExecCredential`);
  if (itsVersion !== apiVersion) throw new Error(`apiVersion is "${itsVersion}", expected ${apiVersion}`);

  const status = root.fields('status');
  const [token, certificate, key] = [
    status.text('token'),
    status.text('clientCertificateData'),
    status.text('clientKeyData'),
  ];
  if (!token && !certificate && !key) throw new Error('status has neither a token nor a client certificate');
  if (!certificate !== !key) throw new Error('status has a client certificate or a key, but not both');
  return { token, certificate, key, expiresAt: dateOf(status.text('expirationTimestamp')) };
}

function dateOf(text: string): Date | undefined {
  if (!text) return undefined;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new Error(`status.expirationTimestamp is "${text}", expected a time`);
  return date;
}
