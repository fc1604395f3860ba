import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { Connections } from './connections.ts';
import type { Metrics } from './metrics.ts';
import { NO_SCHEMAS } from './no-schemas.ts';
import { shared } from './shared.ts';

/** A kubelet opens one or two, and so does every Prometheus. A connection takes up to 25 KiB. */
const MOST_CONNECTIONS = 256;

/** More than probes and scrapes from one address ever have. */
const CONNECTIONS_OF_AN_ADDRESS = 16;

export interface OperationsServerOptions {
  readonly logger: FastifyBaseLogger;
  readonly metrics: Metrics;
  /** Why this process should get no admission requests now; undefined when it is ready. */
  readonly notReadyReason: () => Promise<string | undefined>;
}

/**
 * Assembles the plain-HTTP server for probes and scrapes: they never need the serving certificate. It does not listen yet.
 */
export function buildOperationsServer({ logger, metrics, notReadyReason }: OperationsServerOptions): FastifyInstance {
  const app = Fastify({
    ...NO_SCHEMAS,
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (parent) => parent,
    // Probes go on while the process drains.
    return503OnClosing: false,
  });

  const connections = new Connections(app.server, {
    most: MOST_CONNECTIONS,
    share: CONNECTIONS_OF_AN_ADDRESS,
    onEvicted: () => metrics.onEviction('metrics'),
  });
  metrics.watchConnections('metrics', () => connections.count);
  app.addHook('preClose', async () => connections.endWhenIdle());

  app.removeAllContentTypeParsers();
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    // Before a body is read: nothing here takes one.
    reply.code(404).header('connection', 'close').send('there is nothing here: GET /healthz, /readyz or /metrics\n');
  });

  // Answering means alive: a restart would not help with certificates or the API server.
  app.get('/healthz', async () => 'ok\n');

  app.get('/readyz', async (_request, reply) => {
    const reason = await notReadyReason();
    if (reason === undefined) return 'ok\n';
    return reply.code(503).send(`not ready: ${reason}\n`);
  });

  const render = shared(async () => Buffer.from(await metrics.registry.metrics()));
  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return render();
  });

  return app;
}
