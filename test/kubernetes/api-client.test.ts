import dns from 'node:dns';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ApiClient, BULK_TIMEOUT_MS } from '../../src/kubernetes/api-client.ts';
import { ApiError } from '../../src/kubernetes/api-error.ts';
import { clientOf, status } from '../support/api-client.ts';
import { type Answer, startApiServer, writeKubeconfig } from '../support/api-server.ts';
import { localCertificates } from '../support/certificates.ts';

/** Returns the rejection of a promise. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => expect.fail(`it is ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

describe('ApiClient', () => {
  test("returns an object unchanged, with the user's credentials", async () => {
    const object = { kind: 'Secret', metadata: { name: 'a' }, unheardOf: [1, null] };
    const { client, requests } = await clientOf(() => [200, object]);
    expect(await client.get({ path: '/api/v1/namespaces/n/secrets/a' })).toEqual(object);
    expect(requests).toEqual([
      {
        method: 'GET',
        path: '/api/v1/namespaces/n/secrets/a',
        query: {},
        headers: expect.objectContaining({
          accept: 'application/json',
          authorization: 'Bearer a-token',
          'user-agent': 'gateway-name-webhook',
        }),
        body: undefined,
      },
    ]);
    expect(requests[0]?.headers).not.toHaveProperty('content-type');
  });

  test('sends the given query and Accept header', async () => {
    const { client, requests } = await clientOf(() => [200, {}]);
    const accept = 'application/json;as=Table';
    await client.get({ path: '/api/v1/pods', query: { labelSelector: 'a=b,c', limit: '1&2' }, accept });
    expect(requests).toMatchObject([
      { path: '/api/v1/pods', query: { labelSelector: 'a=b,c', limit: '1&2' }, headers: { accept } },
    ]);
  });

  test('creates an object', async () => {
    const { client, requests } = await clientOf(() => [201, { created: true }]);
    const request = { path: '/api/v1/namespaces/n/serviceaccounts', query: { dryRun: 'All' } };
    const object = { kind: 'ServiceAccount', metadata: { name: 'grüße' } };
    expect(await client.create(request, object)).toEqual({ created: true });
    expect(requests).toMatchObject([{ ...request, method: 'POST', body: object }]);
    expect(requests[0]?.headers['content-type']).toBe('application/json');
  });

  test('applies an object with force, strict validation and the given field manager', async () => {
    const { client, requests } = await clientOf(() => [200, { applied: true }]);
    const object = { kind: 'Secret', data: { a: 'b' } };
    const request = { path: '/api/v1/namespaces/n/secrets/a', query: { dryRun: 'All' } };
    expect(await client.apply(request, 'me', object)).toEqual({ applied: true });
    const query = { dryRun: 'All', fieldManager: 'me', force: 'true', fieldValidation: 'Strict' };
    expect(requests).toMatchObject([{ method: 'PATCH', path: request.path, query, body: object }]);
    expect(requests[0]?.query).toEqual(query);
    expect(requests[0]?.headers['content-type']).toBe('application/apply-patch+yaml');
  });

  test('lists objects', async () => {
    const { client, requests } = await clientOf(() => [200, { items: [{ a: 1 }] }]);
    const request = { path: '/api/v1/pods', query: { limit: '1' } };
    expect(await client.list(request)).toEqual({ items: [{ a: 1 }] });
    expect(requests).toMatchObject([{ ...request, method: 'GET' }]);
  });

  test.for([
    {
      name: 'an object',
      answer: [200, { ok: true }] as const,
      code: 200,
      message: /did not answer GET \/a with a list$/,
    },
    { name: 'nothing', answer: status(404, 'not found'), code: 404, message: /refused GET \/a: not found$/ },
    { name: 'a page', answer: [200, '<html>'] as const, code: 200, message: /GET \/a with an object: <html>$/ },
  ])('rejects $name instead of a list', async ({ answer, code, message }) => {
    const { client } = await clientOf(() => answer);
    const error = await failure(client.list({ path: '/a' }));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('patches an object with JSON Patch', async () => {
    const { client, requests } = await clientOf(() => [200, { patched: true }]);
    const operations = [{ op: 'add', path: '/metadata/labels/a', value: 'b' }];
    const request = { path: '/api/v1/namespaces/n/pods/a', query: { dryRun: 'All' } };
    expect(await client.patch(request, operations)).toEqual({ patched: true });
    expect(requests).toMatchObject([{ ...request, method: 'PATCH', body: operations }]);
    expect(requests[0]?.headers['content-type']).toBe('application/json-patch+json');
  });

  test('returns the time of Retry-After', async () => {
    const { client } = await clientOf(() => (response) => response.writeHead(429, { 'retry-after': '3' }).end());
    expect(await failure(client.get({ path: '/a' }))).toMatchObject({ code: 429, retryAfterMs: 3_000 });
  });

  test('knows whether the API server has ever answered', async () => {
    const answers = [(response: ServerResponse) => response.destroy(), status(403, 'no'), [200, {}] as const];
    const { client, stop } = await clientOf(() => answers.shift() as Answer);
    const known = [client.hasAnswered];
    for (let call = 0; call < 3; call += 1) {
      await client.get({ path: '/a' }).catch(() => {});
      known.push(client.hasAnswered);
    }
    expect(known).toEqual([false, false, true, true]);
    await stop();
    await client.get({ path: '/a' }).catch(() => {});
    expect(client.hasAnswered).toBe(true);
  });

  test('returns undefined for a missing object, but rejects a write to it', async () => {
    const { client } = await clientOf(() => status(404, 'secrets "a" not found'));
    expect(await client.get({ path: '/a' })).toBeUndefined();
    const error = await failure(client.apply({ path: '/a' }, 'me', {}));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      name: 'ApiError',
      code: 404,
      message: 'The API server refused PATCH /a: secrets "a" not found',
    });
    expect(await failure(client.create({ path: '/a' }, {}))).toMatchObject({ code: 404 });
  });

  test.for([
    {
      name: 'the message of a Status',
      answer: status(403, 'secrets "a" is forbidden: no RBAC policy matched'),
      code: 403,
      reason: 'secrets "a" is forbidden: no RBAC policy matched',
    },
    {
      name: 'an HTML page of a proxy',
      answer: [502, `<html>${'x'.repeat(500)}`] as const,
      code: 502,
      reason: `HTTP status 502 <html>${'x'.repeat(194)}`,
    },
    { name: 'an empty answer', answer: [401, ''] as const, code: 401, reason: 'HTTP status 401' },
    {
      name: 'JSON without a message',
      answer: [500, { message: { a: 1 } }] as const,
      code: 500,
      reason: 'HTTP status 500 {"message":{"a":1}}',
    },
    { name: 'null', answer: [500, null] as const, code: 500, reason: 'HTTP status 500 null' },
    { name: 'a redirect, which it does not follow', answer: [304, ''] as const, code: 304, reason: 'HTTP status 304' },
  ])('reports why a request was refused: $name', async ({ answer, code, reason }) => {
    const { client } = await clientOf(() => answer);
    const error = await failure(client.get({ path: '/api/v1/nodes' }));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code, message: `The API server refused GET /api/v1/nodes: ${reason}` });
  });

  test.for([200, 299])('accepts status %i', async (code) => {
    const { client } = await clientOf(() => [code, { code }]);
    expect(await client.get({ path: '/a' })).toEqual({ code });
  });

  test('reports an API server that closes the connection, before or during its answer', async () => {
    const { client, url } = await clientOf(({ path }) => (response) => {
      if (path === '/in') {
        response.writeHead(200, { 'content-length': '100' }).write('{');
        setImmediate(() => response.destroy());
      } else response.destroy();
    });
    for (const path of ['/before', '/in']) {
      const error = await failure(client.get({ path }));
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({
        code: undefined,
        message: expect.stringMatching(
          /^Cannot reach the API server at https:\/\/localhost:\d+: (socket hang up|aborted)/,
        ),
        cause: expect.any(Error),
      });
      expect((error as Error).message).toContain(url);
    }
  });

  test('reports why it cannot connect: a closed port, or another certificate', async () => {
    const { client, stop } = await clientOf(() => [200, {}]);
    await stop();
    expect(await failure(client.get({ path: '/a' }))).toMatchObject({
      code: undefined,
      message: expect.stringContaining('ECONNREFUSED'),
    });

    const server = await startApiServer(() => [200, {}]);
    const kubeconfig = writeKubeconfig({ server: server.url, ca: (await localCertificates()).ca.cert });
    expect(await failure(new ApiClient({ kubeconfig }, {}).get({ path: '/a' }))).toMatchObject({
      code: undefined,
      message: expect.stringMatching(/: .*certificate/),
    });
    expect(server.requests).toEqual([]);
  });

  test('includes the local time if a certificate is outdated, because the clock may be wrong', async () => {
    for (const from of [new Date('2020-01-01'), new Date('2100-01-01')]) {
      const { ca, serving } = await localCertificates(from);
      const server = await startApiServer(() => [200, {}]);
      server.server.setSecureContext(serving);
      const kubeconfig = writeKubeconfig({ server: server.url, ca: ca.cert });
      const today = new Date().toISOString().slice(0, 10);
      expect(await failure(new ApiClient({ kubeconfig }, {}).get({ path: '/a' }))).toMatchObject({
        message: expect.stringMatching(new RegExp(`: certificate .* \\(the clock here says ${today}T[\\d:.]+Z\\)$`)),
      });
    }
  });

  test.for(['/headers', '/body'])('gives up if an answer is too slow: %s', async (path) => {
    const { client } = await clientOf(
      ({ path }) =>
        (response) => {
          if (path === '/body') response.writeHead(200, { 'content-length': '100' }).write('{');
        },
      50,
    );
    expect(await failure(client.get({ path }))).toMatchObject({
      code: undefined,
      message: expect.stringMatching(/^Cannot reach the API server at .*: no answer within 0\.05 s$/),
    });
  });

  test('gives up after 5 s without a connection, however long an answer may take', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const sockets: Socket[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    onTestFinished(() => {
      silent.close();
      for (const socket of sockets) socket.destroy();
    });
    const { port } = silent.address() as AddressInfo;
    const kubeconfig = writeKubeconfig({ server: `https://127.0.0.1:${port}`, ca: '' });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());

    const failed = failure(new ApiClient({ kubeconfig }, {}, BULK_TIMEOUT_MS).get({ path: '/a' }));
    await once(silent, 'connection');
    vi.advanceTimersByTime(4_999);
    expect(sockets.map((socket) => socket.destroyed)).toEqual([false]);
    vi.advanceTimersByTime(1);
    expect(await failed).toMatchObject({
      code: undefined,
      message: `Cannot reach the API server at https://127.0.0.1:${port}: no connection within 5 s`,
    });
  });

  test('waits for answers within the given timeout once it is connected', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { client } = await clientOf(
      () => (response) => {
        vi.advanceTimersByTime(60_000);
        response.end('{}');
      },
      BULK_TIMEOUT_MS,
    );
    expect(await client.get({ path: '/a' })).toEqual({});
    expect(await client.get({ path: '/a' })).toEqual({});
    expect(vi.getTimerCount()).toBe(0);
  });

  test('reports why it cannot connect to any of several addresses', async () => {
    const { client, stop } = await clientOf(() => [200, {}]);
    await stop();
    const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
    const lookup = vi
      .spyOn(dns, 'lookup')
      .mockImplementation(((_host: string, _options: object, done: (...found: unknown[]) => void) =>
        done(null, addresses)) as typeof dns.lookup);
    onTestFinished(() => lookup.mockRestore());
    expect(await failure(client.get({ path: '/a' }))).toMatchObject({
      message: expect.stringMatching(/: connect ECONNREFUSED 127\.0\.0\.1:\d+$/),
      cause: expect.any(AggregateError),
    });
  });

  test('reuses its connection', async () => {
    const { client, server } = await clientOf(() => [200, {}]);
    let connections = 0;
    server.on('secureConnection', () => {
      connections += 1;
    });
    for (let round = 0; round < 5; round += 1) await client.get({ path: '/a' });
    await client.apply({ path: '/a' }, 'somebody', {});
    expect(connections).toBe(1);
  });

  test('uses a new connection after reconnect()', async () => {
    const { client, server } = await clientOf(() => [200, {}]);
    let connections = 0;
    server.on('secureConnection', () => {
      connections += 1;
    });
    await client.get({ path: '/a' });
    client.reconnect();
    for (let round = 0; round < 3; round += 1) await client.get({ path: '/a' });
    expect(connections).toBe(2);
  });

  test('compares its clock with that of the API server, even after an error', async () => {
    const { client, clock } = await clientOf(() => [404, {}]);
    const ahead: (number | undefined)[] = [];
    const request = { path: '/a', onClock: (aheadMs: number | undefined) => void ahead.push(aheadMs) };
    await client.get(request);
    clock.date = () => new Date(Date.now() - 3_600_000).toUTCString();
    await client.get(request);
    clock.date = () => undefined;
    await client.get(request);
    expect(ahead).toEqual([0, expect.any(Number), undefined]);
    expect(Math.abs(Number(ahead[1]) - 3_600_000)).toBeLessThan(2_000);
  });

  test.for([
    { by: 'by default', told: undefined, seconds: 5 },
    { by: 'with a given timeout', told: BULK_TIMEOUT_MS, seconds: 65 },
  ])('gives up after $seconds s $by', async ({ told, seconds }) => {
    const asked = Promise.withResolvers<void>();
    const { url, ca } = await clientOf(() => () => asked.resolve());
    const kubeconfig = writeKubeconfig({ server: url, ca });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());

    const failed = failure(new ApiClient({ kubeconfig }, {}, told).get({ path: '/a' }));
    await asked.promise;
    vi.advanceTimersByTime(seconds * 1000 - 1);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await failed).toMatchObject({
      code: undefined,
      message: `Cannot reach the API server at ${url}: no answer within ${seconds} s`,
    });
  });
});
