import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import pino from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buildMetrics } from '../../src/server/metrics.ts';
import { buildOperationsServer } from '../../src/server/operations-server.ts';

function operationsServer(reason?: string) {
  const lines: object[] = [];
  const logger = pino({ base: null, timestamp: false }, { write: (line) => lines.push(JSON.parse(line)) });
  const notReadyReason = async () => reason;
  const metrics = buildMetrics({ version: '1.2.3', notReadyReason });
  return { app: buildOperationsServer({ logger, metrics, notReadyReason }), lines, metrics };
}

describe('the operations server', () => {
  test('is alive even if it is not ready', async () => {
    const response = await operationsServer('draining').app.inject('/healthz');
    expect([response.statusCode, response.body]).toEqual([200, 'ok\n']);
  });

  test('is ready, without a log line', async () => {
    const { app, lines } = operationsServer();
    const response = await app.inject('/readyz');
    expect([response.statusCode, response.body, lines]).toEqual([200, 'ok\n', []]);
  });

  test('says why it is not ready', async () => {
    const { app, lines } = operationsServer('draining');
    const response = await app.inject('/readyz');
    expect([response.statusCode, response.body]).toEqual([503, 'not ready: draining\n']);
    expect(response.headers).not.toHaveProperty('retry-after');
    expect(lines).toEqual([]);
  });

  test('serves metrics that follow the conventions of Prometheus', async () => {
    const { app, metrics } = operationsServer();
    metrics.onAdmission({ reason: 'complete', kind: 'Pod', operation: 'CREATE', dryRun: false, seconds: 0.0002 });
    metrics.onRejection('json');
    metrics.onCertificate({ notAfter: new Date(5_000), caNotAfter: undefined });
    metrics.onCertificate({ notAfter: new Date(5_000), caNotAfter: new Date(9_000) });
    metrics.onCertificateRefused();
    metrics.onEviction('https');
    metrics.watchConnections('https', () => 25);
    metrics.trust.onCABundle(false);
    metrics.trust.onCABundle(true);
    metrics.trust.onCABundleWritten();
    metrics.trust.onError();
    metrics.trust.onClock(-3_500);
    const { headers, body } = await app.inject('/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');

    const own = body
      .split('\n')
      .filter((line) => line.startsWith('gateway_name_webhook_') && !/_bucket|_sum/.test(line));
    expect(own).toEqual([
      'gateway_name_webhook_decisions_total{reason="complete",kind="Pod",operation="CREATE",dry_run="false"} 1',
      'gateway_name_webhook_admission_duration_seconds_count 1',
      'gateway_name_webhook_rejected_requests_total{cause="json"} 1',
      'gateway_name_webhook_connections{port="metrics"} 0',
      'gateway_name_webhook_connections{port="https"} 25',
      'gateway_name_webhook_connections_evicted_total{port="https"} 1',
      'gateway_name_webhook_certificate_not_after_timestamp_seconds{certificate="serving"} 5',
      'gateway_name_webhook_certificate_not_after_timestamp_seconds{certificate="ca"} 9',
      'gateway_name_webhook_certificates_refused_total 1',
      'gateway_name_webhook_ca_bundle_writes_total 1',
      'gateway_name_webhook_api_server_errors_total 1',
      'gateway_name_webhook_ready 1',
      `gateway_name_webhook_build_info{version="1.2.3",node_version="${process.version}"} 1`,
      'gateway_name_webhook_ca_bundle_in_sync 1',
      'gateway_name_webhook_clock_ahead_seconds -3.5',
    ]);
    expect(body).toContain('\nprocess_cpu_seconds_total ');
    const helps = body.split('\n').filter((line) => line.startsWith('# HELP gateway_'));
    expect(helps).toHaveLength(13);
    for (const help of helps) expect(help).toMatch(/^# HELP \S+ [A-Z].*\.$/);
  });

  test('reports only that it is not ready in a mode without a caBundle and a clock check', async () => {
    const { body } = await operationsServer('draining').app.inject('/metrics');
    expect(body).toContain('\ngateway_name_webhook_ready 0\n');
    expect(body).not.toMatch(/gateway_name_webhook_(ca_bundle_in_sync|clock)/);
  });

  test('has buckets from 100 µs to 2.5 s', async () => {
    const { app } = operationsServer();
    const { body } = await app.inject('/metrics');
    const bounds = [...body.matchAll(/duration_seconds_bucket\{le="([^"]+)"\}/g)].map(([, bound]) => bound);
    expect([bounds[0], bounds.at(-2), bounds.at(-1)]).toEqual(['0.0001', '2.5', '+Inf']);
  });

  test.for(['/nothing', '/metrics'])('answers a POST to %s without reading the body', async (url) => {
    const { app } = operationsServer();
    const headers = { 'content-type': 'application/json' };
    const response = await app.inject({ method: 'POST', url, headers, payload: 'no JSON' });
    expect([response.statusCode, response.headers.connection, response.body]).toEqual([
      404,
      'close',
      'there is nothing here: GET /healthz, /readyz or /metrics\n',
    ]);
  });

  test('closes connections of an address with too many', async () => {
    const { app, metrics } = operationsServer();
    await app.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => app.close());
    const { port } = app.server.address() as AddressInfo;
    const sockets = Array.from({ length: 257 }, () => connect(port, '127.0.0.1'));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    await Promise.race(sockets.map((socket) => once(socket.resume(), 'close')));
    expect(await metrics.registry.metrics()).toContain(
      '\ngateway_name_webhook_connections_evicted_total{port="metrics"} 1\n',
    );
  });
});
