import { isUtf8 } from 'node:buffer';
import { rejection } from './rejection.ts';

/**
 * Parses a request body as JSON (RFC 8259: UTF-8 only).
 *
 * Fastify's own parser takes invalid UTF-8 as U+FFFD, which would alter the uid that is echoed, and refuses the key
 * `__proto__`, which the rule never obeys: it reads own properties by name. Such a key is the API server's to judge.
 */
export function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw rejection(400, 'INVALID_UTF8', 'the body is not valid UTF-8');
  try {
    return JSON.parse(body.toString());
  } catch {
    // Not V8's own message: it quotes the body, and this one is logged.
    throw rejection(400, 'INVALID_JSON', 'the body is not valid JSON');
  }
}
