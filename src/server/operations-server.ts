import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { endConnections } from './end-connections.ts';
import type { Metrics } from './metrics.ts';
import { NO_SCHEMAS } from './no-schemas.ts';

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

  const endOpenConnections = endConnections(app.server);
  app.addHook('preClose', async () => endOpenConnections());

  // Alive is who answers: neither certificates nor the API server can make a restart help.
  app.get('/healthz', async () => 'ok\n');

  app.get('/readyz', async (_request, reply) => {
    const reason = await notReadyReason();
    if (reason === undefined) return 'ok\n';
    return reply.code(503).send(`not ready: ${reason}\n`);
  });

  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });

  return app;
}
