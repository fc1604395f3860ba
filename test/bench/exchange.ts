import { isDeepStrictEqual } from 'node:util';
import type { BenchReview } from './reviews.ts';

const END_OF_HEADERS = '\r\n\r\n';

/** Whether an HTTP message is complete, by its Content-Length. A message without the header counts as complete, and as wrong. */
export function isWhole(received: Buffer): boolean {
  const headersEnd = received.indexOf(END_OF_HEADERS);
  if (headersEnd === -1) return false;
  const [, digits] = /\r\ncontent-length: (\d+)\r\n/i.exec(received.toString('latin1', 0, headersEnd + 2)) ?? [];
  return received.length >= headersEnd + END_OF_HEADERS.length + Number(digits ?? 0);
}

/**
 * One connection's request and its expected answer. Each request has its own uid, written into the same buffer, so that the
 * answer to another request counts as wrong.
 */
export class Exchange {
  readonly #request: Buffer;
  readonly #answer: Buffer;
  readonly #requestUidAt: number;
  readonly #answerUidAt: number;

  constructor({ text, uid, answer }: BenchReview, constantAnswer: string | undefined) {
    this.#request = Buffer.from(REQUEST_HEADERS + Buffer.byteLength(text) + END_OF_HEADERS + text);
    this.#requestUidAt = this.#request.indexOf(`"uid":"${uid}"`) + '"uid":"'.length;
    this.#answer = Buffer.from(constantAnswer ?? answer);
    this.#answerUidAt = constantAnswer === undefined ? this.#answer.indexOf(uid) : -1;
  }

  /** Call it only after the previous request was answered: both use the same buffer. */
  nextRequest(): Buffer {
    lastUid += 1;
    // The last 12 of a uid's 36 characters.
    const digits = lastUid.toString(16).padStart(12, '0');
    this.#request.write(digits, this.#requestUidAt + 24, 'latin1');
    if (this.#answerUidAt !== -1) this.#answer.write(digits, this.#answerUidAt + 24, 'latin1');
    return this.#request;
  }

  /** Describes what is wrong with the answer to the last request; undefined if it is correct. */
  problem(message: Buffer): string | undefined {
    const status = message.toString('latin1', 'HTTP/1.1 '.length, 'HTTP/1.1 200'.length);
    const body = message.subarray(message.indexOf(END_OF_HEADERS) + END_OF_HEADERS.length);
    if (status === '200' && (body.equals(this.#answer) || isSameJson(body, this.#answer))) return undefined;
    return `${status} ${body.toString().slice(0, 300)}; expected 200 ${this.#answer.toString().slice(0, 300)}`;
  }
}

let lastUid = 0;

/** The API server's headers, up to the length of the body. */
const REQUEST_HEADERS = [
  'POST /mutate?timeout=2s HTTP/1.1',
  'Host: localhost',
  'User-Agent: kube-apiserver-admission',
  'Accept: application/json, */*',
  'Content-Type: application/json',
  'Accept-Encoding: gzip',
  'Content-Length: ',
].join('\r\n');

/** Servers may write keys in any order. */
function isSameJson(a: Buffer, b: Buffer): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(a.toString()), JSON.parse(b.toString()));
  } catch {
    return false;
  }
}
