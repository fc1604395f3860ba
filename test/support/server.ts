import { once } from 'node:events';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { type AdmissionServerOptions, buildAdmissionServer } from '../../src/server/admission-server.ts';
import { Drain } from '../../src/server/drain.ts';
import { listen } from '../../src/server/listen.ts';
import { buildMetrics } from '../../src/server/metrics.ts';
import { localCertificates } from './certificates.ts';

/** Issued once per test file, because these tests are not about issuing. */
const CERTIFICATES = await localCertificates();

/** An admission server with its logs and metrics. It does not listen. */
export function buildTestServer(options: Partial<AdmissionServerOptions> = {}) {
  const lines: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'debug', base: null, timestamp: false },
    { write: (line) => lines.push(JSON.parse(line)) },
  );
  const metrics = buildMetrics({
    version: '1.2.3',
    notReadyReason: async () => undefined,
  });
  const drain = options.drain ?? new Drain({ quietMs: 0, graceMs: 0 });
  const app = buildAdmissionServer({
    logger,
    tls: CERTIFICATES.serving,
    reverse: 'both',
    metrics,
    drain,
    ...options,
  });
  onTestFinished(() => app.close());

  /** The samples of a metric, as lines of /metrics without the metric's name. */
  const samples = async (name: string) => {
    const all = (await metrics.registry.metrics()).split('\n');
    return all.filter((line) => line.startsWith(name) && !line.startsWith('#')).map((line) => line.slice(name.length));
  };
  return { app, lines, metrics, drain, samples, ca: CERTIFICATES.ca.cert };
}

/** A test server that listens on a loopback port, with TLS. */
export async function startTestServer(options: Partial<AdmissionServerOptions> = {}, host = '127.0.0.1') {
  const server = buildTestServer(options);
  const { port } = await listen(server.app, { host, port: 0 }, '--listen');
  server.lines.length = 0;

  const open = async (): Promise<TLSSocket> => {
    const socket = connect({ host: '127.0.0.1', port, ca: server.ca, servername: 'localhost' });
    onTestFinished(() => void socket.destroy());
    await once(socket, 'secureConnect');
    return socket;
  };
  /** Posts a review on a new connection and returns the status code. */
  const post = async (body: string): Promise<number | undefined> => {
    const headers = { 'content-type': 'application/json' };
    const client = request({
      host: '127.0.0.1',
      port,
      ca: server.ca,
      path: '/mutate?timeout=2s',
      method: 'POST',
      headers,
      agent: false,
    });
    client.end(body);
    const [response] = await once(client, 'response');
    await text(response);
    return response.statusCode;
  };
  return { ...server, port, open, post };
}

/** The head of a POST to the webhook, as it is sent. */
export function head(...headers: readonly string[]): string {
  return ['POST /mutate?timeout=2s HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n');
}

/** Everything that a server sends on a connection until it closes it. */
export async function answer(socket: TLSSocket): Promise<string> {
  let said = '';
  socket.on('data', (chunk) => {
    said += chunk;
  });
  // If the server closes while the client still sends, the connection is reset. The data received before counts.
  await new Promise((resolve) => socket.once('close', resolve).on('error', resolve));
  return said;
}
