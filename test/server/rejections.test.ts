import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { buildTestServer, startTestServer } from '../support/server.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const POST_URL = { method: 'POST', url: '/mutate?timeout=2s' } as const;
const NO_REVIEW = '{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"u"}}';

describe('a rejected request', () => {
  test.for([
    {
      name: 'v1beta1',
      cause: 'review',
      code: 400,
      message: 'apiVersion is "admission.k8s.io/v1beta1", expected "admission.k8s.io/v1"',
      request: { ...POST_URL, headers: JSON_TYPE, payload: NO_REVIEW },
    },
    {
      name: 'a request with another kind',
      cause: 'review',
      code: 400,
      message: 'apiVersion is "v1", expected "admission.k8s.io/v1"',
      request: { ...POST_URL, payload: { apiVersion: 'v1', kind: 'Pod' } },
    },
    {
      name: 'a list',
      cause: 'review',
      code: 400,
      message: 'expected an AdmissionReview of admission.k8s.io/v1',
      request: { ...POST_URL, payload: [] },
    },
    {
      name: 'an invalid JSON body',
      cause: 'json',
      code: 400,
      message:
        'the body is not valid JSON at byte 8, where it ends: expected the rest of a string, with control characters escaped',
      request: { ...POST_URL, headers: JSON_TYPE, payload: '{"secret' },
    },
    {
      name: 'an empty body',
      cause: 'json',
      code: 400,
      message: 'the body is not valid JSON at byte 0, where it ends: expected a value',
      request: { ...POST_URL, headers: JSON_TYPE, payload: '' },
    },
    {
      name: 'invalid UTF-8',
      cause: 'utf-8',
      code: 400,
      message: 'the body is not valid UTF-8 at byte 1',
      request: { ...POST_URL, headers: JSON_TYPE, payload: Buffer.from([0x22, 0xff, 0x22]) },
    },
    {
      name: 'another content type',
      cause: 'content-type',
      code: 415,
      message: 'expected content-type application/json',
      request: { ...POST_URL, headers: { 'content-type': 'text/plain' }, payload: '{}' },
    },
    {
      name: 'a missing content type',
      cause: 'content-type',
      code: 415,
      message: 'expected content-type application/json',
      request: { ...POST_URL, payload: Buffer.from('{}') },
    },
    {
      name: 'neither a content type nor a body',
      cause: 'content-type',
      code: 415,
      message: 'expected content-type application/json',
      request: POST_URL,
    },
    {
      name: 'a compressed body',
      cause: 'content-encoding',
      code: 415,
      message: 'expected no content-encoding',
      request: { ...POST_URL, headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, payload: '{}' },
    },
    {
      name: 'a body above the limit',
      cause: 'body-too-large',
      code: 413,
      message: 'the body is larger than 8 MiB',
      request: { ...POST_URL, headers: JSON_TYPE, payload: Buffer.alloc(8 * 1024 * 1024 + 1, ' ') },
    },
    {
      name: 'GET /mutate',
      cause: 'method',
      code: 405,
      message: 'GET is not allowed: send admission reviews by POST',
      request: { method: 'GET', url: '/mutate' } as const,
    },
    {
      name: 'PUT /mutate',
      cause: 'method',
      code: 405,
      message: 'PUT is not allowed: send admission reviews by POST',
      request: { method: 'PUT', url: '/mutate?a=b', headers: JSON_TYPE, payload: '{}' } as const,
    },
    {
      name: 'another path',
      cause: 'not-found',
      code: 404,
      message: 'not found: send admission reviews to POST /mutate',
      request: { method: 'POST', url: '/mutates', headers: JSON_TYPE, payload: '{}' } as const,
    },
    {
      name: 'an invalid URL',
      cause: 'url',
      code: 400,
      message: "'/%zz' is not a valid url component",
      request: { method: 'POST', url: '/%zz', payload: {} } as const,
    },
  ])(
    '$name: gets $code and a Status with the reason, is logged, and is counted',
    async ({ cause, code, message, request }) => {
      const { app, lines, samples } = buildTestServer();
      const response = await app.inject(request);

      expect(response.statusCode).toBe(code);
      expect(response.json()).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message,
        code,
      });
      expect(response.headers).toMatchObject({
        connection: 'close',
        'content-type': expect.stringMatching('application/json'),
      });
      expect(response.headers).not.toHaveProperty('retry-after');
      expect(response.headers).not.toHaveProperty('location');
      expect(lines).toEqual([
        {
          level: 40,
          statusCode: code,
          reason: message,
          method: request.method,
          remoteAddress: '127.0.0.1',
          msg: 'refused a request',
        },
      ]);
      expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual([`{cause="${cause}"} 1`]);
      expect(await samples('gateway_name_webhook_decisions_total')).toEqual([]);
    },
  );

  test('with another method: 405 names the allowed method', async () => {
    const response = await buildTestServer().app.inject({ method: 'GET', url: '/mutate' });
    expect(response.headers).toMatchObject({ allow: 'POST' });
  });

  test('with an internal error: 500 without the message, which is only logged', async () => {
    const { metrics, ...rest } = buildTestServer();
    const broken = {
      ...metrics,
      onAdmission: () => {
        throw new Error('a secret of the inside');
      },
    };
    const { app, lines, samples } = buildTestServer({ metrics: { ...broken, onRejection: metrics.onRejection } });
    const payload = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid: 'u' } };
    const response = await app.inject({ ...POST_URL, payload });

    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'internal error',
      code: 500,
    });
    expect(lines.at(-1)).toMatchObject({
      level: 50,
      msg: 'failed to answer a request',
      err: { message: 'a secret of the inside' },
    });
    expect(await rest.samples('gateway_name_webhook_rejected_requests_total')).toEqual(['{cause="internal"} 1']);
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual([]);
  });
});

describe('many rejected requests', () => {
  test('are all counted, and logged up to a limit', async () => {
    const { app, lines, samples } = buildTestServer();
    const get = () => app.inject({ method: 'GET', url: '/mutate' });
    const statuses = await Promise.all(Array.from({ length: 500 }, async () => (await get()).statusCode));
    expect(new Set(statuses)).toEqual(new Set([405]));
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual(['{cause="method"} 500']);
    const logged = () => lines.filter(({ msg }) => msg === 'refused a request').length;
    expect(logged()).toBeLessThan(500);
    const leftOut = () => lines.reduce((sum, line) => sum + Number(line['leftOut'] ?? 0), 0);
    await expect.poll(() => logged() + leftOut(), { timeout: 3_000 }).toBe(500);
    expect(lines).toContainEqual(expect.objectContaining({ level: 40, reason: 'method', msg: 'suppressed log lines' }));
  });
});

describe('many connections that are not HTTP', () => {
  test('are all counted, and logged up to a limit', async () => {
    const { open, lines, samples } = await startTestServer();
    // All at once, because each second allows more lines.
    const sockets = await Promise.all(Array.from({ length: 230 }, open));
    for (const socket of sockets) socket.end('no HTTP');
    await expect.poll(() => samples('gateway_name_webhook_rejected_requests_total')).toEqual(['{cause="http"} 230']);
    const logged = lines.filter(({ msg }) => msg === 'refused a connection').length;
    const leftOut = () => lines.reduce((sum, line) => sum + Number(line['leftOut'] ?? 0), 0);
    expect(logged).toBeLessThan(230);
    await expect.poll(() => logged + leftOut(), { timeout: 3_000 }).toBe(230);
  });
});

describe('a failed handshake', () => {
  test('is logged as a warning if the client does not trust the certificate, once for many', async () => {
    const { port, lines, samples } = await startTestServer();
    // OpenSSL sends an alert with the reason, like Go and therefore the API server. Node just disconnects.
    const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-verify_return_error', '-brief'];
    for (const _call of [1, 2]) await expect(promisify(execFile)('openssl', args)).rejects.toThrow('verify error');
    await expect.poll(() => samples('gateway_name_webhook_rejected_requests_total')).toEqual(['{cause="tls"} 2']);
    const warnings = lines.filter(({ level }) => level === 40);
    expect(warnings).toMatchObject([
      { msg: 'a client does not trust the serving certificate: check that its caBundle contains ca.crt' },
    ]);
  });
});
