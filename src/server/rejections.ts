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

/** Handlers for what gets no admission response, one for each layer: TLS, HTTP, request. */
export interface Rejections {
  readonly refuseHandshake: (error: HttpError, socket: Socket) => void;
  /** Answers what is not an HTTP request, or not in time; there is no reply object for it. */
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

/** How abandoned handshakes end: those of port scans, probes, and evicted connections. */
const UNFINISHED = new Set<string | undefined>(['ECONNRESET', 'ERR_TLS_HANDSHAKE_TIMEOUT']);

/** Builds the handlers. Each rejection is counted and logged, unless there are too many: Fastify's own lines are off. */
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
      // With `failurePolicy: Ignore`, nothing else shows that a wrong caBundle loses every label.
      if (DISTRUST.test(String(error.code)) && lines.allows('distrusted')) {
        const message = 'a client does not trust the serving certificate: check that its caBundle contains ca.crt';
        logger.warn({ remoteAddress }, message);
      }
      logger.debug({ err: error, remoteAddress }, 'TLS handshake failed');
    },

    refuseConnection(error, socket) {
      // Nothing was sent. Go opens connections ahead of time and keeps unused ones for 90 s: a timeout is no reason to
      // close them. Any other error has already ended the connection.
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
      // The rest of the body is not read, so the connection cannot be reused.
      linger(request.raw);
      reply.code(statusCode).header('connection', 'close').send(failure(statusCode, reason));
    },
  };
}
