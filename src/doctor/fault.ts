import type { Problem } from '../installation/outcome.ts';
import type { Fault } from './check.ts';

/** Error messages of Go, which the API server returns, and of Node.js; the first match counts. */
const TEXTS: readonly (readonly [Fault, RegExp])[] = [
  ['forbidden', /server response: 40[13]/],
  [
    'missing',
    /no endpoints available|services? "[^"]*" not found|no service port|no such host|ENOTFOUND|EAI_AGAIN|server response: 404/,
  ],
  // Not the parameter of a URL: `?timeout=2s`.
  ['timeout', /deadline exceeded|time(d )?out(?!=)|ETIMEDOUT|no (answer|connection) within/i],
  ['refused', /connection refused|ECONNREFUSED|reset by peer|ECONNRESET|broken pipe|EPIPE/],
  ['refused', /no route to host|EHOSTUNREACH|network is unreachable|ENETUNREACH/],
  ['refused', /socket hang up|disconnected|\bEOF\b/],
  ['tls', /x509:|tls:|SSL|certificate|HTTP response to HTTPS client/],
];

/** Classifies an error by its text. An unknown error means that something else answered. */
export function faultInText(text: string): Fault {
  return TEXTS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'wrong-answer';
}

/** Classifies why the API server did not answer a request. */
export function faultOf({ code, message }: Problem): Fault {
  if (code === 401 || code === 403) return 'forbidden';
  return code === 404 ? 'missing' : faultInText(message);
}
