import type { Socket } from 'node:net';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import type { LineLimiter } from './line-limiter.ts';
import { linger } from './linger.ts';
import type { Metrics } from './metrics.ts';
import { failure, type HttpError, rejectionCause, rejectionReason } from './rejection.ts';

export interface RejectionsOptions {
  readonly logger: FastifyBaseLogger;
  readonly metrics: Pick<Metrics, 'onRejection'>;
  readonly lines: LineLimiter;
}

/** Handlers for what gets no admission response, one for each depth at which that happens. */
export interface Rejections {
  readonly refuseHandshake: (error: HttpError, socket: Socket) => void;
  /** Answers what is no HTTP request, or does not become one in time; there is no reply object for it. */
  readonly refuseConnection: (error: HttpError, socket: Socket) => void;
  /** Answers what went wrong with a request. */
  readonly replyToError: (error: HttpError, request: FastifyRequest, reply: FastifyReply) => void;
}

const STATUSES: Readonly<Record<string, readonly [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
};

/** The alerts of a TLS client that does not accept our certificate (RFC 8446, section 6.2), as OpenSSL names them. */
const DISTRUST = /ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED)$/;

/** How a handshake ends that somebody has given up: port scans, probes, and our own evictions. */
const UNFINISHED = new Set<string | undefined>(['ECONNRESET', 'ERR_TLS_HANDSHAKE_TIMEOUT']);

/** Builds the handlers. Each rejection is counted and leaves a line, as far as there are not too many: Fastify's own are off. */
export function buildRejections({ logger, metrics, lines }: RejectionsOptions): Rejections {
  const rejected = new WeakSet<Socket>();

  /** A rejection ends its connection, but Node and Fastify may each report it: one line and one count are enough. */
  const isFirstOf = (socket: Socket) => {
    if (rejected.has(socket)) return false;
    rejected.add(socket);
    return true;
  };

  return {
    refuseHandshake(error, socket) {
      const { remoteAddress } = socket;
      socket.destroy();
      if (UNFINISHED.has(error.code)) return;
      metrics.onRejection('tls');
      // With `failurePolicy: Ignore`, a wrong caBundle loses every label without a word elsewhere.
      if (DISTRUST.test(String(error.code)) && lines.allows('distrusted')) {
        const message = 'a client does not trust the serving certificate: check that its caBundle contains ca.crt';
        logger.warn({ remoteAddress }, message);
      }
      logger.debug({ err: error, remoteAddress }, 'TLS handshake failed');
    },

    refuseConnection(error, socket) {
      // Nothing was asked. Go dials ahead and keeps for 90 s what it does not use: too little time for a request is no
      // reason to close it. Everything else that happens to such a connection has ended it.
      if (socket.bytesRead === 0) return;
      if (isFirstOf(socket)) {
        const cause = rejectionCause(error, 'http');
        metrics.onRejection(cause);
        const { code, message: reason } = error;
        if (lines.allows(cause))
          logger.warn({ reason, code, remoteAddress: socket.remoteAddress }, 'refused a connection');
      }
      if (!socket.writable) {
        socket.destroy();
        return;
      }
      const [statusCode, statusText] = STATUSES[String(error.code)] ?? [400, 'Bad Request'];
      const body = JSON.stringify(failure(statusCode, error.message));
      const headers = `Connection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
      socket.write(`HTTP/1.1 ${statusCode} ${statusText}\r\n${headers}\r\n\r\n${body}`);
      socket.destroySoon();
    },

    replyToError(error, request, reply) {
      const { statusCode = 500 } = error;
      const reason = rejectionReason(error);
      if (isFirstOf(request.raw.socket)) {
        const cause = rejectionCause(error, statusCode < 500 ? 'http' : 'internal');
        metrics.onRejection(cause);
        const { method, ip: remoteAddress } = request;
        const isLogged = lines.allows(cause);
        if (isLogged && statusCode >= 500) logger.error({ err: error }, 'failed to answer a request');
        else if (isLogged) logger.warn({ statusCode, reason, method, remoteAddress }, 'refused a request');
      }
      if (statusCode === 405) reply.header('allow', 'POST');
      // What is left of the body is not read: the connection cannot be used again.
      linger(request.raw);
      reply.code(statusCode).header('connection', 'close').send(failure(statusCode, reason));
    },
  };
}
