import type { Server as HttpsServer } from 'node:https';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { Reverse } from '../admission/gateway.ts';
import { admissionRoute } from '../admission/route.ts';
import { clientProblem } from './client-certificate.ts';
import { Connections } from './connections.ts';
import type { Drain } from './drain.ts';
import { LineLimiter } from './line-limiter.ts';
import type { Metrics } from './metrics.ts';
import { NO_SCHEMAS } from './no-schemas.ts';
import { type HttpError, rejection } from './rejection.ts';
import { buildRejections } from './rejections.ts';
import { reviewBody } from './review-body.ts';

/** The API server keeps idle connections for 90 s (Go's IdleConnTimeout). The server must not close first: the API server
 * cannot resend a request that meets a closing connection. Fastify closes after 72 s, Node after 5 s. */
const KEEP_ALIVE_TIMEOUT_MS = 120_000;

/** For headers and body together, if the caller does not say how long it waits. The API server waits 30 s at most, 10 by
 * default and 2 as registered; a client that sends for longer is broken, or holds a connection on purpose. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** The API server allows 2 seconds for a whole call as registered by the chart, 10 by default. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;

/** An API server has up to 200 mutating requests in flight (its default), and keeps 25 idle connections to us. */
const CONNECTIONS_OF_AN_API_SERVER = 200;

/** Five busy API servers. A connection takes up to 60 KiB, so all of them take less than a fifth of the chart's memory limit. */
export const MOST_CONNECTIONS = 5 * CONNECTIONS_OF_AN_API_SERVER;

export interface ServingPair {
  /** PEM. */
  readonly key: string;
  /** PEM: the serving certificate, and its intermediates if there are any. */
  readonly cert: string;
}

export interface AdmissionServerOptions {
  readonly logger: FastifyBaseLogger;
  /** Without one, no handshake succeeds until `setServingPair`. */
  readonly tls?: ServingPair;
  /** PEM: only serve clients with a certificate from these CAs. */
  readonly clientCA?: string;
  readonly reverse: Reverse;
  readonly metrics: Metrics;
  readonly drain: Drain;
  /** For tests of slow senders; the limits above otherwise. */
  readonly requestTimeoutMs?: number;
  readonly mostConnections?: number;
}

export type AdmissionServer = FastifyInstance<HttpsServer>;

/** The TLS settings of every serving context, the first and those that replace it. */
function secureContext(pair: ServingPair | undefined, clientCA: string | undefined) {
  // The API server speaks 1.2 and newer. HTTP/1.1 only, as it pins it for webhooks: Node's https offers nothing else.
  return { ...pair, ...(clientCA !== undefined && { ca: clientCA }), minVersion: 'TLSv1.2' } as const;
}

/** Assembles the HTTPS server that answers admission requests. It does not listen yet. */
export function buildAdmissionServer(options: AdmissionServerOptions): AdmissionServer {
  const { logger, metrics, drain, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;

  const lines = new LineLimiter(logger);
  const rejections = buildRejections({ logger, metrics, lines });

  const app = Fastify({
    ...NO_SCHEMAS,
    loggerInstance: logger,
    // One line for each decision, written by the route, instead of Fastify's two for each request.
    logController: new LogController({ disableRequestLogging: true }),
    // The review's uid tells requests apart, so no logger is made for each of them.
    childLoggerFactory: (parent) => parent,
    https: {
      ...secureContext(options.tls, options.clientCA),
      requestCert: options.clientCA !== undefined,
      // Requests are rejected instead: see clientProblem().
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      // Node takes the larger of the two for the whole request, and its own default for headers is 60 s. Neither counts
      // while a connection is idle.
      headersTimeout: requestTimeoutMs,
      // By default, Node looks for requests that exceed their time limit only every 30 s.
      connectionsCheckingInterval: requestTimeoutMs / 10,
    },
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    // The same for a connection that has not been used yet.
    connectionTimeout: KEEP_ALIVE_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs,
    // Answer while draining: a 503 is a failed admission.
    return503OnClosing: false,
    clientErrorHandler: rejections.refuseConnection,
    frameworkErrors: rejections.replyToError,
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', reviewBody(requestTimeoutMs));

  app.addHook('onRequest', (request, reply, done) => {
    if (drain.onRequest(request.raw.socket)) reply.header('connection', 'close');
    const stranger = options.clientCA === undefined ? undefined : clientProblem(request.raw.socket);
    if (stranger !== undefined) {
      return rejections.replyToError(rejection(403, 'CLIENT_CERTIFICATE', stranger), request, reply);
    }
    // Before reading the body of a request that no route answers.
    if (request.is404) return rejections.replyToError(unknownRoute(request), request, reply);
    // Fastify calls no parser for an empty body.
    if (request.headers['content-type'] === undefined)
      return done(rejection(415, 'FST_ERR_CTP_INVALID_MEDIA_TYPE', ''));
    done();
  });

  const connections = new Connections(app.server, {
    most: options.mostConnections ?? MOST_CONNECTIONS,
    share: CONNECTIONS_OF_AN_API_SERVER,
    onEvicted: ({ address, connections: left }) => {
      metrics.onEviction('https');
      if (!lines.allows('evicted')) return;
      logger.warn({ remoteAddress: address, left }, 'closed a connection to make room for another');
    },
  });
  app.server.on('secureConnection', (socket) => drain.onConnection(socket));
  metrics.watchConnections('https', () => connections.count);
  app.addHook('preClose', async () => connections.endWhenIdle());

  const ticking = setInterval(() => lines.tick(), 1_000).unref();
  app.addHook('onClose', async () => clearInterval(ticking));

  app.setErrorHandler(rejections.replyToError);
  app.register(admissionRoute, {
    reverse: options.reverse,
    onAdmission: metrics.onAdmission,
    isLogged: (reason) => lines.allows(reason),
  });

  // Before Node's own listener, which reports the same error again as a client error.
  app.server.prependListener('tlsClientError', rejections.refuseHandshake);

  return app;
}

/** Serves another certificate, or clients of other CAs, from the next handshake on; open connections stay. */
export function setServingPair(app: AdmissionServer, pair: ServingPair | undefined, clientCA?: string): void {
  app.server.setSecureContext(secureContext(pair, clientCA));
}

function unknownRoute({ url, method }: FastifyRequest): HttpError {
  if (!/^\/mutate(\?|$)/.test(url)) {
    return rejection(404, 'NOT_FOUND', 'not found: send admission reviews to POST /mutate');
  }
  return rejection(405, 'METHOD_NOT_ALLOWED', `${method} is not allowed: send admission reviews by POST`);
}
