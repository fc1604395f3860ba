import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Drain } from '../../src/server/drain.ts';
import { answer, head, startTestServer } from '../support/server.ts';

/** Measures the duration of a drain with requests at the given times. */
async function drainingMs(
  options: { quietMs: number; graceMs: number },
  requestsAtMs: readonly number[],
): Promise<number> {
  const drain = new Drain(options);
  const startedAt = performance.now();
  const timers = requestsAtMs.map((ms) => setTimeout(() => drain.onRequest({}), ms));
  await drain.start();
  for (const timer of timers) clearTimeout(timer);
  return performance.now() - startedAt;
}

describe('Drain', () => {
  test('closes no connections before it starts', () => {
    const drain = new Drain({ quietMs: 1, graceMs: 1 });
    expect(drain.onRequest({})).toBe(false);
    expect(drain.draining).toBe(false);
    void drain.start();
    expect(drain.onRequest({})).toBe(true);
    expect(drain.draining).toBe(true);
  });

  test('closes an existing connection immediately, and a new one when it is a second old', () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const drain = new Drain({ quietMs: 5_000, graceMs: 20_000 });
    const [before, later] = [{}, {}];
    drain.onConnection(before);
    void drain.start();
    vi.advanceTimersByTime(300);
    drain.onConnection(later);

    expect([drain.onRequest(before), drain.onRequest(later)]).toEqual([true, false]);
    vi.advanceTimersByTime(999);
    expect(drain.onRequest(later)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(drain.onRequest(later)).toBe(true);
  });

  test('ends after the quiet period', async () => {
    const ms = await drainingMs({ quietMs: 50, graceMs: 5_000 }, []);
    expect(ms).toBeGreaterThanOrEqual(49);
    expect(ms).toBeLessThan(4_000);
  });

  test('restarts the quiet period with each request', async () => {
    expect(await drainingMs({ quietMs: 150, graceMs: 5_000 }, [50, 150])).toBeGreaterThanOrEqual(290);
  });

  test('ends with the grace period, even if requests still arrive', async () => {
    const requests = Array.from({ length: 100 }, (_, index) => index * 20);
    const ms = await drainingMs({ quietMs: 1_000, graceMs: 200 }, requests);
    expect(ms).toBeGreaterThanOrEqual(199);
    expect(ms).toBeLessThan(1_000);
  });
});

describe('a server that drains', () => {
  test('closes existing connections after an answer, keeps answering on new ones, and stops when no requests arrive', async () => {
    const drain = new Drain({ quietMs: 300, graceMs: 10_000 });
    const { app, open } = await startTestServer({ drain });
    const body = '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u"}}';
    const request = `POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const exchange = async (socket: Awaited<ReturnType<typeof open>>) => {
      socket.write(request);
      return String(await new Promise((resolve) => socket.once('data', resolve)));
    };
    const old = await open();
    expect(await exchange(old)).toMatch(/^HTTP\/1\.1 200 OK.*\r\nConnection: keep-alive\r\n/s);

    const drained = drain.start().then(() => app.close());
    expect(await exchange(old)).toMatch(/^HTTP\/1\.1 200 OK.*\r\nconnection: close\r\n/s);
    await new Promise((resolve) => old.once('close', resolve));
    const young = await open();
    for (const _ of [1, 2]) {
      expect(await exchange(young)).toMatch(/^HTTP\/1\.1 200 OK.*\r\nConnection: keep-alive\r\n/s);
    }
    await drained;
    await expect(open()).rejects.toThrow('ECONNREFUSED');
  });

  test('still answers on a connection in use while it closes', async () => {
    const { app, open } = await startTestServer();
    const socket = await open();
    const body = '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u"}}';
    const start = head('Content-Type: application/json', `Content-Length: ${body.length}`);
    socket.write(start);
    await new Promise((resolve) => app.server.once('request', resolve));
    const closed = app.close();
    // The first answer may or may not have `Connection: close`. The second request must not get a 503.
    socket.write(`${body}${start}${body}`);
    const answers = await answer(socket);
    expect(answers).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(answers).not.toContain(' 503 ');
    await closed;
  });
});
