import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { keepClientCA } from '../../certificates/client-ca.ts';
import type { ServingCertificate } from '../../certificates/plan.ts';
import { TIMING } from '../../certificates/timing.ts';
import { buildAdmissionServer, setServingPair } from '../../server/admission-server.ts';
import { Drain } from '../../server/drain.ts';
import { handshakeProblem } from '../../server/handshake.ts';
import { type Address, listen, loopbacks } from '../../server/listen.ts';
import { buildMetrics } from '../../server/metrics.ts';
import { buildOperationsServer } from '../../server/operations-server.ts';
import { Readiness } from '../../server/readiness.ts';
import type { Context } from '../context.ts';
import type { ServeSettings } from '../options/serve-settings.ts';
import { SERVE_SETTINGS } from '../options/settings.ts';
import { buildLogger, isPretty } from '../output/logger.ts';
import { VERSION } from '../version.ts';
import { type CertificateSource, fromCluster, fromDirectory } from './certificate-source.ts';

/** The share of the grace period for draining; the rest is for requests that are still in flight then. */
const DRAIN_FRACTION = 0.9;

/** A review as the API server sends it. Only a clone of the repository has it, so the curl command is only printed there. */
const EXAMPLE_REVIEW = 'test/fixtures/reviews/envoy-serviceaccount.json';

/**
 * Runs the webhook. Resolves once it listens, or waits for a certificate; it keeps running until it is told to shut down.
 *
 * Rejects if it cannot listen, has no usable certificate in its directory, or finds no cluster. `timing` is for tests: the
 * lifetimes of certificates in mode `self`.
 */
export async function serve(settings: ServeSettings, context: Context, timing = TIMING): Promise<void> {
  const { logger, flush } = await buildLogger(settings, context);
  const metrics = buildMetrics({
    version: VERSION,
    notReadyReason: () => readiness.reason(),
  });
  const drain = new Drain({ quietMs: settings.quietPeriodMs, graceMs: settings.gracePeriodMs * DRAIN_FRACTION });

  const clients = settings.clientCa
    ? await keepClientCA({
        file: settings.clientCa,
        logger,
        onReplaced: (ca) => setServingPair(admission, servingPair(certificates), ca),
        onRefused: metrics.onCertificateRefused,
      })
    : undefined;
  const sourceOptions = {
    names: settings.names,
    logger,
    metrics,
    onServing: (serving: ServingCertificate) => {
      setServingPair(admission, serving, clients?.ca());
      metrics.onCertificate(serving);
      if (isStarted) void open();
    },
  };
  const certificates = await (settings.certificates.mode === 'self'
    ? fromCluster(settings.certificates, context.environment, timing, sourceOptions)
    : fromDirectory(settings.certificates.directory, sourceOptions));
  const first = servingPair(certificates);
  if (first) metrics.onCertificate(first);

  const admission = buildAdmissionServer({
    logger,
    ...(first && { tls: first }),
    ...(clients && { clientCA: clients.ca() }),
    reverse: settings.reverse,
    metrics,
    drain,
  });
  let isStarted = false;
  let listening: Promise<Address> | undefined;
  /**
   * Listens, and logs it, once there is a certificate: the API server calls another replica immediately if a connection is
   * refused, but only after a timeout if a process that is still starting accepts it.
   */
  const open = () => {
    listening ??= listen(admission, settings.listen, SERVE_SETTINGS.listen.flags).then((address) => {
      announce({ settings, context, logger, port: address.port, metrics: metricsUrl });
      return address;
    });
    return listening;
  };
  const readiness = new Readiness({
    isDraining: () => drain.draining,
    certificateProblem: () => {
      const serving = certificates.serving();
      return typeof serving === 'string' ? serving : undefined;
    },
    servableUntil: certificates.servableUntil,
    handshakeProblem: async () => {
      const trusted = certificates.trusted();
      if (typeof trusted === 'string') return trusted;
      const address = await open();
      const options = { hosts: loopbacks(address.host), port: address.port, name: settings.names[0] };
      const problems = await Promise.all(trusted.map((ca) => handshakeProblem({ ...options, ca })));
      return problems.find((problem) => problem !== undefined);
    },
    // Probes ask every second: only a change is worth a line.
    onChange: (reason) => (reason === undefined ? logger.info('ready') : logger.warn({ reason }, 'not ready')),
    now: () => new Date(),
  });
  const operations = buildOperationsServer({ logger, metrics, notReadyReason: () => readiness.reason() });

  const close = async () => {
    certificates.stop();
    clients?.stop();
    await Promise.all([admission.close(), operations.close()]);
  };
  let metricsUrl = '';
  try {
    const { port } = await listen(operations, settings.metricsListen, SERVE_SETTINGS.metricsListen.flags);
    metricsUrl = `http://${inUrl(settings.metricsListen.host || 'localhost')}:${port}/metrics`;
  } catch (error) {
    await close();
    throw error;
  }
  // Before anyone learns our address: from then on, a signal must drain connections.
  context.onShutdown({
    delayMs: settings.gracePeriodMs,
    close: async ({ signal, err }) => {
      if (err) logger.fatal({ err }, 'closing after an error');
      else
        logger.info({ signal, quietPeriodMs: settings.quietPeriodMs }, 'draining; a second signal exits immediately');
      certificates.stop();
      if (!err) await drain.start();
      await close();
      logger.info('closed');
      flush();
    },
    onSecondSignal: (signal) => {
      logger.warn({ signal }, 'exiting immediately');
      flush();
    },
    onTimeout: () => {
      logger.error({ gracePeriodMs: settings.gracePeriodMs }, 'exiting: the grace period is over');
      flush();
    },
  });
  try {
    if (!first) logger.info({ version: VERSION, metrics: metricsUrl }, 'starting');
    await certificates.start();
    isStarted = true;
    if (servingPair(certificates)) await open();
  } catch (error) {
    await close();
    throw error;
  }
  await readiness.reason();
}

/** The served certificate; undefined if there is none yet. */
function servingPair({ serving }: CertificateSource): ServingCertificate | undefined {
  const current = serving();
  return typeof current === 'string' ? undefined : current;
}

interface Announcement {
  readonly settings: ServeSettings;
  readonly context: Context;
  readonly logger: Logger;
  readonly port: number;
  /** The URL of the metrics. */
  readonly metrics: string;
}

/** Prints the address of the webhook, and how to try it. */
function announce({ settings, context, logger, port, metrics }: Announcement): void {
  const url = `https://${inUrl(settings.names[0])}:${port}/mutate`;
  const ca = settings.certificates.mode === 'files' ? join(settings.certificates.directory, 'ca.crt') : undefined;
  const curl =
    ca !== undefined && existsSync(EXAMPLE_REVIEW)
      ? `curl --cacert ${ca} -H 'Content-Type: application/json' -d @${EXAMPLE_REVIEW} ${url}`
      : undefined;
  if (!isPretty(settings.logFormat, context.stdout)) {
    logger.info({ version: VERSION, url, metrics, ca, curl }, 'listening');
    return;
  }
  logger.info('listening');
  const trust = ca ?? 'stored in the cluster';
  const lines = [`Admission reviews  ${url}`, `CA                 ${trust}`, `Metrics, health    ${metrics}`];
  if (curl) lines.push('', 'Try it in another terminal:', '', curl);
  context.stdout.write(`\n${lines.map((line) => (line ? `  ${line}\n` : '\n')).join('')}\n`);
}

function inUrl(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
