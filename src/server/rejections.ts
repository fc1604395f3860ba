import type { Socket } from 'node:net';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { DistrustAlarm } from './distrust.ts';
import type { Metrics } from './metrics.ts';
import { failure, type HttpError, rejectionCause, rejectionReason } from './rejection.ts';

export interface RejectionsOptions {
  readonly logger: FastifyBaseLogger;
  readonly metrics: Pick<Metrics, 'onRejection'>;
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

/** Builds the handlers. Each rejection is counted and leaves a line: Fastify's own are off. */
export function buildRejections({ logger, metrics }: RejectionsOptions): Rejections {
  const rejected = new WeakSet<Socket>();
  const distrust = new DistrustAlarm();

  /** A rejection ends its connection, but Node and Fastify may each report it: one line and one count are enough. */
  const isFirstOf = (socket: Socket) => {
    if (rejected.has(socket)) return false;
    rejected.add(socket);
    return true;
  };

  return {
    refuseHandshake(error, socket) {
      rejected.add(socket);
      metrics.onRejection('tls');
      const { remoteAddress } = socket;
      if (distrust.isDue(error, performance.now())) {
        const message = 'a client does not trust the serving certificate: is its caBundle that of ca.crt?';
        logger.warn({ remoteAddress }, message);
      }
      logger.debug({ err: error, remoteAddress }, 'TLS handshake failed');
      socket.destroy();
    },

    refuseConnection(error, socket) {
      if (isFirstOf(socket)) {
        metrics.onRejection(rejectionCause(error, 'http'));
        const { code, message: reason } = error;
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
        metrics.onRejection(rejectionCause(error, statusCode < 500 ? 'http' : 'internal'));
        const { method, ip: remoteAddress } = request;
        if (statusCode >= 500) logger.error({ err: error }, 'failed to answer a request');
        else logger.warn({ statusCode, reason, method, remoteAddress }, 'refused a request');
      }
      if (statusCode === 405) reply.header('allow', 'POST');
      // What is left of the body is not read: the connection cannot be used again.
      reply.code(statusCode).header('connection', 'close').send(failure(statusCode, reason));
    },
  };
}
