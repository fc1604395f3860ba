import type { Problem } from '../installation/outcome.ts';
import type { Fault } from './check.ts';

/** What the errors of Go, in which the API server speaks, and of Node.js say; the first that is found counts. */
const TEXTS: readonly (readonly [Fault, RegExp])[] = [
  ['forbidden', /server response: 40[13]/],
  [
    'missing',
    /no endpoints available|services? "[^"]*" not found|no service port|no such host|ENOTFOUND|EAI_AGAIN|server response: 404/,
  ],
  // A URL may have it as a parameter: `?timeout=2s`.
  ['timeout', /deadline exceeded|time(d )?out(?!=)|ETIMEDOUT|no (answer|connection) within/i],
  ['refused', /connection refused|ECONNREFUSED|reset by peer|ECONNRESET|broken pipe|EPIPE/],
  ['refused', /no route to host|EHOSTUNREACH|network is unreachable|ENETUNREACH/],
  ['refused', /socket hang up|disconnected|\bEOF\b/],
  ['tls', /x509:|tls:|SSL|certificate|HTTP response to HTTPS client/],
];

/** Tells what an error is, by its text. What is none of the known ones came from somebody who answers something else. */
export function faultInText(text: string): Fault {
  return TEXTS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'wrong-answer';
}

/** Tells what kept the API server from answering a question. */
export function faultOf({ code, message }: Problem): Fault {
  if (code === 401 || code === 403) return 'forbidden';
  return code === 404 ? 'missing' : faultInText(message);
}
