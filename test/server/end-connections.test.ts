import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BodyBudget } from '../../src/server/body-budget.ts';
import { head, startTestServer } from '../support/server.ts';

const BODY = '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u"}}';
const REQUEST = `${head('Content-Type: application/json', `Content-Length: ${BODY.length}`)}${BODY}`;

describe('a server that closes', () => {
  test.for(['a TCP connection', 'a TLS connection', 'half a head', 'a request before'])(
    'does not wait for who has only %s',
    async (kind) => {
      const { app, open, port } = await startTestServer();
      if (kind === 'a TCP connection') {
        const socket = connect(port, '127.0.0.1');
        onTestFinished(() => void socket.destroy());
        await once(socket, 'connect');
      } else {
        const socket = await open();
        if (kind === 'half a head') socket.write('POST /mut');
        if (kind === 'a request before') {
          socket.write(REQUEST);
          await once(socket, 'data');
        }
      }
      // Until the server knows of it: Node counts what it has accepted.
      await expect
        .poll(() => new Promise((resolve) => app.server.getConnections((_, count) => resolve(count))))
        .toBe(1);
      const startedAt = performance.now();
      await app.close();
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    },
  );

  test('answers a request that is in flight first', async () => {
    const budget = new BodyBudget(100);
    const { app, open } = await startTestServer({ budget });
    const release = budget.reserve(100, () => {});
    const socket = await open();
    const requested = once(app.server, 'request');
    socket.write(REQUEST);
    await requested;
    const closed = app.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    release();
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    await closed;
  });
});
