import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyContentTypeParser } from 'fastify';
import { ReviewReader } from '../admission/review-reader.ts';
import { bodyTimeoutMs } from './body-timeout.ts';
import { type HttpError, rejection } from './rejection.ts';

const MIB = 1024 * 1024;

/**
 * A review contains the object and its old version, each up to the API server's request limit of 3 MiB (larger in JSON than
 * in protobuf), and some more.
 */
export const BODY_LIMIT = 8 * MIB;

/**
 * How much of a body is read before other connections get their turn: otherwise everything that has arrived is read, up to 2 MiB
 * for each connection, and a review behind hundreds of them would be too late. The API server's reviews are nearly all smaller.
 */
export const BYTES_A_TURN = 128 * 1024;

/** What is wrong with a body, in the words of `rejection()`. */
const CODES = { json: 'INVALID_JSON', 'utf-8': 'INVALID_UTF8', review: 'INVALID_REVIEW' } as const;

/**
 * Builds the body parser: it reads an admission request from a streamed review without buffering it.
 *
 * @param mostMs what a body may take at most
 */
export function reviewBody(mostMs: number): FastifyContentTypeParser {
  return ({ headers, query }, body, done) => {
    const problem = headerProblem(headers);
    if (problem) return done(problem);

    const reader = new ReviewReader();
    let bytes = 0;
    let turnEndsAt = BYTES_A_TURN;
    const finish = (...outcome: Parameters<typeof done>) => {
      clearTimeout(timer);
      body.off('data', onData).off('end', onEnd).off('close', onClose);
      done(...outcome);
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > BODY_LIMIT) return finish(tooLarge());
      const fault = reader.write(chunk);
      if (fault) return finish(rejection(400, CODES[fault.kind], fault.message));
      if (bytes < turnEndsAt) return;
      turnEndsAt = bytes + BYTES_A_TURN;
      body.pause();
      setImmediate(() => body.resume());
    };
    const onEnd = () => {
      const { request, fault } = reader.end();
      if (fault) finish(rejection(400, CODES[fault.kind], fault.message));
      else finish(null, request);
    };
    const onClose = () => finish(rejection(400, 'ECONNRESET', 'the connection was closed before the end of the body'));
    const onTimeout = () => finish(rejection(408, 'ERR_HTTP_REQUEST_TIMEOUT', 'the body took too long'));
    const { timeout } = query as { readonly timeout?: unknown };
    const timer = setTimeout(onTimeout, bodyTimeoutMs(timeout, mostMs));
    body.on('data', onData).on('end', onEnd).on('close', onClose);
  };
}

/** The problems that show before a body is read. */
function headerProblem(headers: IncomingHttpHeaders): HttpError | undefined {
  const { 'content-encoding': encoding = 'identity', 'content-length': length = '0' } = headers;
  if (encoding.toLowerCase() !== 'identity') {
    return rejection(415, 'CONTENT_ENCODING', 'expected no content-encoding');
  }
  return Number(length) > BODY_LIMIT ? tooLarge() : undefined;
}

function tooLarge(): HttpError {
  return rejection(413, 'BODY_TOO_LARGE', 'the body is larger than 8 MiB');
}
