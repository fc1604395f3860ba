import { EventEmitter, once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Connections } from '../../src/server/connections.ts';
import { head, startTestServer } from '../support/server.ts';

const BODY = '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u"}}';
const REQUEST = `${head('Content-Type: application/json', `Content-Length: ${BODY.length}`)}${BODY}`;

/** A plain HTTP server with bounded connections. The test controls its clock and its answers. */
async function bounded(limits: { most: number; share: number }) {
  let now = 0;
  const evicted: object[] = [];
  const inFlight: ServerResponse[] = [];
  const server = createServer((_request, response) => inFlight.push(response));
  const onEvicted = (peer: object) => evicted.push({ ...peer });
  const connections = new Connections(server, { ...limits, onEvicted, now: () => now });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;

  /** Opens a connection, and advances the clock by a second, so that each connection has another age. */
  const open = async (localAddress = '127.0.0.1') => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    const accepted = once(server, 'connection');
    onTestFinished(() => void socket.destroy());
    await accepted;
    now += 1_000;
    return socket.resume();
  };
  const ask = async (socket: Socket) => {
    const requested = once(server, 'request');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await requested;
  };
  const answer = async (socket: Socket) => {
    const response = inFlight.shift();
    const closed = response && once(response, 'close');
    response?.end();
    await Promise.all([once(socket, 'data'), closed]);
    now += 1_000;
  };
  return { server, connections, evicted, open, ask, answer };
}

/** Returns the indexes of the connections that the server has closed, once it has closed `last`. */
async function closedOf(sockets: readonly Socket[], last: Socket): Promise<number[]> {
  if (!last.closed) await once(last, 'close');
  return sockets.flatMap((socket, place) => (socket.closed ? [place] : []));
}

describe('Connections', () => {
  test('closes the oldest connection if there is one too many', async () => {
    const { connections, evicted, open, ask, answer } = await bounded({ most: 2, share: 2 });
    const a = await open();
    const b = await open();
    expect([connections.count, evicted]).toEqual([2, []]);
    const c = await open();
    expect(await closedOf([a, b, c], a)).toEqual([0]);
    expect(connections.count).toBe(2);
    expect(evicted).toEqual([{ address: '127.0.0.1', connections: 2 }]);
    await ask(c);
    await answer(c);
  });

  test('counts the age of a connection from its last answer', async () => {
    const { open, ask, answer } = await bounded({ most: 2, share: 2 });
    const a = await open();
    const b = await open();
    await ask(a);
    await answer(a);
    expect(await closedOf([a, b, await open()], b)).toEqual([1]);
  });

  test('closes nothing if other connections were closed before', async () => {
    const { connections, evicted, open } = await bounded({ most: 2, share: 1 });
    for (const _time of [1, 2, 3]) {
      const socket = await open();
      socket.destroy();
      await expect.poll(() => connections.count).toBe(0);
    }
    await open();
    await open('127.0.0.2');
    expect([connections.count, evicted]).toEqual([2, []]);
    // Earlier connections of an address do not count: of two addresses with one each, the older connection is closed.
    await open('127.0.0.3');
    expect(evicted).toEqual([{ address: '127.0.0.1', connections: 0 }]);
  });

  test('first closes connections of the address that exceeds its share the most', async () => {
    const { open } = await bounded({ most: 7, share: 1 });
    const old = [await open('127.0.0.1'), await open('127.0.0.1')];
    const most = [await open('127.0.0.2'), await open('127.0.0.2'), await open('127.0.0.2')];
    const few = [await open('127.0.0.3'), await open('127.0.0.3')];
    const all = [...old, ...most, ...few];
    all.push(await open('127.0.0.4'));
    expect(await closedOf(all, most[0] as Socket)).toEqual([2]);
    // Now the three addresses have two connections each.
    all.push(await open('127.0.0.5'));
    expect(await closedOf(all, old[0] as Socket)).toEqual([0, 2]);
  });

  test('closes the oldest connection if all addresses are within their share', async () => {
    const { open } = await bounded({ most: 4, share: 3 });
    const old = await open('127.0.0.1');
    const all = [old, await open('127.0.0.2'), await open('127.0.0.2'), await open('127.0.0.2')];
    await open('127.0.0.3');
    expect(await closedOf(all, old)).toEqual([0]);
  });

  test('treats an answered connection as older than one opened after the answer', async () => {
    const { open, ask, answer } = await bounded({ most: 2, share: 2 });
    const answered = await open();
    await ask(answered);
    await answer(answered);
    const all = [answered, await open(), await open()];
    expect(await closedOf(all, answered)).toEqual([0]);
  });

  test('protects a request in flight for two seconds, but not longer', async () => {
    const { open, ask } = await bounded({ most: 2, share: 9 });
    const busy = await open();
    await ask(busy);
    // Opened at the time of the request, one second later, and so on.
    const all = [busy, await open(), await open()];
    expect(await closedOf(all, all[1] as Socket)).toEqual([1]);
    all.push(await open());
    expect(await closedOf(all, all[2] as Socket)).toEqual([1, 2]);
    all.push(await open());
    expect(await closedOf(all, busy)).toEqual([0, 1, 2]);
  });

  test('closes a connection with more requests in flight than clients send', async () => {
    const { server, open } = await bounded({ most: 2, share: 1 });
    let requests = 0;
    server.on('request', () => {
      requests += 1;
    });
    const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const [one, other] = [await open(), await open()];
    one.write(request.repeat(8));
    other.write(request.repeat(1_000));
    expect(await closedOf([one, other], other)).toEqual([1]);
    expect(requests).toBe(8 + 9);
  });

  test('does not keep a connection that was reset before it was accepted', async () => {
    const { server, connections } = await bounded({ most: 2, share: 2 });
    const reset = new Socket();
    server.emit('connection', reset);
    expect([reset.destroyed, connections.count]).toEqual([true, 0]);
  });
});

describe('the admission server', () => {
  test('counts a request that arrives just after its connection was closed', async () => {
    const { server, connections, open } = await bounded({ most: 2, share: 2 });
    const response = new EventEmitter();
    server.emit('request', { socket: new Socket() }, response);
    const socket = await open();
    connections.endWhenIdle();
    response.emit('close');
    await once(socket, 'close');
    await expect.poll(() => connections.count).toBe(0);
  });

  test('makes room for a review among connections without a handshake', async () => {
    const { port, post, samples, lines } = await startTestServer({ mostConnections: 3 });
    const silent = [1, 2, 3, 4].map(() => connect(port, '127.0.0.1'));
    for (const socket of silent) onTestFinished(() => void socket.destroy());
    const [first] = silent as [Socket];
    if (!first.closed) await once(first.resume(), 'close');
    expect(await post(BODY)).toBe(200);
    expect(await samples('gateway_name_webhook_connections{')).toEqual(['port="https"} 3']);
    expect(await samples('gateway_name_webhook_connections_evicted_total')).toEqual(['{port="https"} 2']);
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual([]);
    expect(lines.filter(({ level }) => level === 40)).toEqual([
      { level: 40, remoteAddress: '127.0.0.1', left: 3, msg: 'closed a connection to make room for another' },
    ]);
  });

  test('silently closes a connection without a handshake after 5 s', async () => {
    const { port, lines, samples } = await startTestServer();
    const socket = connect(port, '127.0.0.1').resume();
    const startedAt = performance.now();
    await once(socket, 'close');
    expect((performance.now() - startedAt) / 1000).toBeCloseTo(5, 0);
    expect(lines).toEqual([]);
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual([]);
  });

  test('does not read all of hundreds of requests in one packet', async () => {
    const { app, open } = await startTestServer();
    let requests = 0;
    app.server.on('request', () => {
      requests += 1;
    });
    const socket = await open();
    socket.on('error', () => undefined).write(REQUEST.repeat(500));
    await new Promise((resolve) => socket.resume().once('close', resolve));
    expect(requests).toBe(9);
  });

  test('keeps a connection that was opened in advance, and accepts a later review on it', async () => {
    const { app, open, lines, samples } = await startTestServer({ requestTimeoutMs: 150 });
    const socket = await open();
    const late = once(app.server, 'clientError');
    await late;
    socket.write(REQUEST);
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(lines.filter(({ level }) => level !== 20)).toEqual([]);
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual([]);
    expect(app.server.timeout).toBe(120_000);
  });

  test('does not log a connection that is reset before it was used', async () => {
    const { app, open, lines, samples } = await startTestServer();
    const accepted = once(app.server, 'secureConnection');
    await open();
    const failed = once(app.server, 'clientError');
    const [socket] = await accepted;
    socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    await failed;
    expect(lines).toEqual([]);
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual([]);
  });

  test('counts a client that starts a request and is too slow', async () => {
    const { app, open, samples } = await startTestServer({ requestTimeoutMs: 150 });
    const socket = await open();
    await once(app.server, 'clientError');
    socket.write('P');
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 408 /);
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual(['{cause="timeout"} 1']);
  });
});

describe('a server during shutdown', () => {
  test.for(['a TCP connection', 'a TLS connection', 'half a head', 'a request before'])(
    'does not wait for a client with only %s',
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
      // Wait until the server knows of the connection: Node counts only accepted ones.
      await expect
        .poll(() => new Promise((resolve) => app.server.getConnections((_, count) => resolve(count))))
        .toBe(1);
      const startedAt = performance.now();
      await app.close();
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    },
  );

  test('first answers a request in flight', async () => {
    const { app, open } = await startTestServer();
    const socket = await open();
    const requested = once(app.server, 'request');
    socket.write(REQUEST.slice(0, -1));
    await requested;
    const closed = app.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    socket.write(REQUEST.slice(-1));
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    await closed;
  });
});
