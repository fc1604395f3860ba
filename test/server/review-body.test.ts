import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { reviewBody } from '../../src/server/review-body.ts';
import { answer, head, startTestServer } from '../support/server.ts';

const JSON_TYPE = 'Content-Type: application/json';
const MIB = 1024 * 1024;
const REVIEW = '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u"}}';

/** A longer timeout, because megabytes may be slow on a busy machine. */
const UNHURRIED = { requestTimeoutMs: 60_000 };

const sized = (bytes: number) => REVIEW + ' '.repeat(bytes - REVIEW.length);

describe('a body', () => {
  test.for([
    { name: 'with its length', headers: [`Content-Length: ${8 * MIB}`], frame: (body: string) => body },
    {
      name: 'in chunks',
      headers: ['Transfer-Encoding: chunked'],
      frame: (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    },
  ])('of 8 MiB is accepted, $name', async ({ headers, frame }) => {
    const { open } = await startTestServer(UNHURRIED);
    const socket = await open();
    socket.write(head(JSON_TYPE, 'Connection: close', ...headers).replace('?timeout=2s', '') + frame(sized(8 * MIB)));
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  test('that arrives at once is read in parts, with time for other requests in between', async () => {
    const parts = 32;
    let left = parts;
    const body = new Readable({
      read() {
        left -= 1;
        this.push(left < 0 ? null : Buffer.from(left === parts - 1 ? sized(128 * 1024) : ' '.repeat(128 * 1024)));
      },
    });
    const request = { headers: {}, query: {} } as FastifyRequest;
    let isRead = false;
    const done = (error: Error | null) => {
      expect(error).toBeNull();
      isRead = true;
    };
    void reviewBody(UNHURRIED.requestTimeoutMs)(request, body as IncomingMessage, done);
    let turns = 0;
    for (; !isRead; turns += 1) await nextTurn();
    expect(turns).toBeGreaterThanOrEqual(parts);
  });

  test('with a Content-Length above the limit is rejected before it is read', async () => {
    const { open } = await startTestServer();
    const socket = await open();
    socket.write(head(JSON_TYPE, `Content-Length: ${8 * MIB + 1}`));
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 413 Payload Too Large\r\n/);
  });

  test.for([
    { name: 'above the limit', status: 413, body: REVIEW },
    { name: 'that is invalid from its first byte', status: 400, body: 'x' },
  ])('$name gets an answer even if the client reads only after sending everything', async ({ status, body }) => {
    const { open, lines, samples } = await startTestServer(UNHURRIED);
    const socket = await open();
    const length = 9 * MIB;
    const declared = status === 413 ? length : 8 * MIB;
    socket.pause();
    socket.write(head(JSON_TYPE, `Content-Length: ${declared}`).replace('?timeout=2s', '') + body);
    const piece = Buffer.alloc(64 * 1024, ' ');
    for (let sent = body.length; sent < declared; sent += piece.length) {
      const rest = piece.subarray(0, declared - sent);
      if (!socket.write(rest)) await once(socket, 'drain');
    }
    const said = answer(socket);
    socket.resume();
    expect(await said).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(lines).toHaveLength(1);
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toHaveLength(1);
  });

  test('is not read for long after it was rejected', async () => {
    const { open, app } = await startTestServer();
    const socket = await open();
    // Without this, the client would close the connection together with the server.
    socket.allowHalfOpen = true;
    const startedAt = performance.now();
    socket.write(`${head(JSON_TYPE, 'Content-Length: 1000')}x`);
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 400 /);
    const count = () => new Promise((resolve) => app.server.getConnections((_, open) => resolve(open)));
    await expect.poll(count, { timeout: 5_000 }).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });

  test.for([
    { name: "than the client's timeout and a second", timeout: '100ms', leastMs: 1_050, mostMs: 5_000 },
    { name: "than the server's limit", timeout: '30s', leastMs: 1_900, mostMs: 6_000 },
  ])('that takes longer $name is rejected', async ({ timeout, leastMs, mostMs }) => {
    const { open, samples, post } = await startTestServer({ requestTimeoutMs: 2_000 });
    const socket = await open();
    const startedAt = performance.now();
    socket.write(head(JSON_TYPE, 'Content-Length: 1000').replace('timeout=2s', `timeout=${timeout}`));
    const slowly = setInterval(() => socket.write(' '), 50);
    const said = await answer(socket);
    clearInterval(slowly);
    const tookMs = performance.now() - startedAt;
    expect(said).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n.*"kind":"Status".*"code":408/s);
    expect(tookMs).toBeGreaterThan(leastMs);
    expect(tookMs).toBeLessThan(mostMs);
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual(['{cause="timeout"} 1']);
    expect(await post(REVIEW)).toBe(200);
  });

  test('that was read in time does not shorten the time of the next one on its connection', async () => {
    const { open, samples } = await startTestServer();
    const socket = await open();
    const request = `${head(JSON_TYPE, `Content-Length: ${REVIEW.length}`).replace('2s', '0s')}${REVIEW}`;
    socket.write(request);
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 OK/);
    await sleep(1_200);
    socket.write(request);
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual([]);
  });

  test('is requested with 100 Continue if the client waits for it', async () => {
    const { open } = await startTestServer();
    const socket = await open();
    socket.write(head(JSON_TYPE, 'Expect: 100-continue', `Content-Length: ${REVIEW.length}`));
    expect(String((await once(socket, 'data'))[0])).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write(REVIEW);
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  test('may follow others on the same connection', async () => {
    const { open } = await startTestServer();
    const socket = await open();
    const request = (uid: string, ...headers: string[]) => {
      const body = REVIEW.replace('"u"', `"${uid}"`);
      return `${head(JSON_TYPE, `Content-Length: ${body.length}`, ...headers)}${body}`;
    };
    socket.write(request('one') + request('two') + request('three', 'Connection: close'));
    const uids = (await answer(socket)).matchAll(/"uid":"(\w+)"/g).map(([, uid]) => uid);
    expect([...uids]).toEqual(['one', 'two', 'three']);
  });
});
