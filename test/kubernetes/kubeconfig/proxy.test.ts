import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ApiClient } from '../../../src/kubernetes/api-client.ts';
import { dialHttp } from '../../../src/kubernetes/kubeconfig/dial.ts';
import { BY_CA, kubeconfig } from '../../support/kubeconfig/case.ts';
import { World } from '../../support/kubeconfig/world.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.recorder.stop());

const LIST = { path: '/api/v1/namespaces/default/serviceaccounts' };

function clientBy(proxyUrl: string, cluster: object = {}): ApiClient {
  const files = { config: kubeconfig({ cluster: { ...BY_CA, 'proxy-url': proxyUrl, ...cluster } }) };
  return new ApiClient({}, world.write(temporaryDirectory(), { files }).environment);
}

/** A proxy that accepts connections and never answers. */
async function startSilentProxy() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { server, url: (scheme: string) => `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('a proxy', () => {
  test.for(['http://localhost:$PROXY_PORT', 'socks5://localhost:$SOCKS_PORT'])(
    'has one tunnel for several requests: %s',
    async (url) => {
      world.recorder.tunnels.length = 0;
      const client = clientBy(url);
      for (let call = 0; call < 5; call += 1) await client.list(LIST);
      expect(world.recorder.tunnels).toHaveLength(1);
      expect(world.arrived()).toHaveLength(5);
    },
  );

  test.for(['http', 'socks5'])('must connect within 5 s: %s', async (scheme) => {
    const { server, url } = await startSilentProxy();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const failed = clientBy(url(scheme))
      .get({ path: '/a', timeoutMs: 60_000 })
      .catch((error: Error) => error.message);
    await once(server, 'connection');
    vi.advanceTimersByTime(5_000);
    expect(await failed).toMatch(
      new RegExp(
        `^Cannot reach the API server at https://localhost:\\d+ through the proxy ${url(scheme)}: no connection`,
      ),
    );
  });

  test('leaves no timers or errors behind if the request times out first', async () => {
    const { server, url } = await startSilentProxy();
    const accepted = once(server, 'connection') as Promise<Socket[]>;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const failed = clientBy(url('http'))
      .get({ path: '/a', timeoutMs: 1_000 })
      .catch((error: Error) => error.message);
    const [socket = expect.fail()] = await accepted;
    const startedAt = performance.now();
    vi.advanceTimersByTime(1_000);
    expect([await failed, vi.getTimerCount()]).toEqual([expect.stringContaining('no answer within 1 s'), 0]);
    // The proxy has 5 s to answer, but the request does not wait for that.
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    // An unhandled error event would end the process.
    socket.resetAndDestroy();
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  });

  test('does not limit the time of requests in an open tunnel', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    for (const url of ['http://localhost:$PROXY_PORT', 'socks5://localhost:$SOCKS_PORT']) {
      const client = clientBy(url);
      for (let call = 0; call < 2; call += 1) {
        await client.list(LIST);
        vi.advanceTimersByTime(5_000);
      }
    }
    expect(world.arrived()).toHaveLength(4);
  });

  test('does not limit the time of an answer over plain HTTP', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const server = createHttpServer((_request, response) => {
      vi.advanceTimersByTime(5_000);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const client = clientBy('', { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    expect(await client.get({ path: '/a', timeoutMs: 60_000 })).toEqual({});
  });

  test('is disconnected if it does not answer, so that the process can end', async () => {
    const { server, url } = await startSilentProxy();
    const closed = once(server, 'connection').then(([socket]: Socket[]) =>
      once(socket?.resume() ?? expect.fail(), 'close'),
    );
    const dial = dialHttp(new URL(url('http')), 50);
    await expect(dial({ host: 'api.test', port: 443 })).rejects.toThrow('the proxy does not answer');
    await closed;
  });

  test('may refuse: the error has its answer, but not its password', async () => {
    const server = createHttpServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const closed = Promise.withResolvers<void>();
    server.on('connect', (_request, socket: Socket) => {
      socket.resume().once('end', () => socket.end(closed.resolve));
      socket.write('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
    });
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const message = await clientBy(`http://me:secret@${host}`)
      .get({ path: '/a' })
      .catch((error: Error) => error.message);
    expect(message).toMatch(
      new RegExp(
        `through the proxy http://${host}: the proxy answered CONNECT with 407 Proxy Authentication Required$`,
      ),
    );
    expect(message).not.toContain('secret');
    await closed.promise;
  });
});
