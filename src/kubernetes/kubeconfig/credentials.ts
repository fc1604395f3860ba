import { readFileSync } from 'node:fs';
import type { CallOptions } from '../api-caller.ts';
import type { Impersonation, User } from './kubeconfig.ts';

/** Adds credentials to a request. */
export type Authorize = (options: CallOptions) => Promise<void>;

/** Adds a bearer token, that of a file as it is now, or a user name and a password. */
export function headerCredentials({ token, tokenFile, username, password }: User): Authorize | undefined {
  if (token || tokenFile) {
    let last = token;
    return async ({ headers }) => {
      last = (tokenFile && readToken(tokenFile, last)) || last;
      headers['Authorization'] = asHeader(`Bearer ${last}`);
    };
  }
  if (!username && !password) return undefined;
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  return async ({ headers }) => {
    headers['Authorization'] = `Basic ${basic}`;
  };
}

/** The token of a file that may be replaced at any time; if it cannot be read now, the last one stays in use. */
function readToken(file: string, last: string): string {
  try {
    const token = readFileSync(file, 'utf8').trim();
    if (token || last) return token;
  } catch (error) {
    if (!last) throw error;
    return last;
  }
  throw new Error(`the token file ${file} is empty`);
}

/** Adds a client certificate, from files as they are now. */
export function certificateCredentials(user: User): Authorize | undefined {
  const { clientCertificate, clientCertificateData, clientKey, clientKeyData } = user;
  if (!clientCertificate && !clientCertificateData) return undefined;
  return async (options) => {
    options.cert = clientCertificateData || readFileSync(clientCertificate, 'utf8');
    options.key = clientKeyData || readFileSync(clientKey, 'utf8');
  };
}

/** The headers for impersonation, if any. */
export function impersonationHeaders({ user, uid, groups, extra }: Impersonation): Record<string, string | string[]> {
  if (!user) return {};
  return {
    'Impersonate-User': asHeader(user),
    ...(uid && { 'Impersonate-Uid': asHeader(uid) }),
    ...(groups.length > 0 && { 'Impersonate-Group': groups.map(asHeader) }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [`Impersonate-Extra-${escapeKey(key)}`, values.map(asHeader)]),
    ),
  };
}

/** Escapes characters that are not allowed in header names, and the percent sign, as client-go does. */
function escapeKey(key: string): string {
  return [...Buffer.from(key, 'utf8')]
    .map((byte) => [byte, String.fromCharCode(byte)] as const)
    .map(([byte, character]) =>
      /[!#$&'*+.^_`|~0-9A-Za-z-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
}

/** UTF-8 bytes as latin1, because Node.js sends headers in latin1 and Go sends them in UTF-8. */
function asHeader(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
