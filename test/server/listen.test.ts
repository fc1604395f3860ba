import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import Fastify from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listen, loopbacks } from '../../src/server/listen.ts';

function appOf() {
  const app = Fastify();
  app.get('/', async () => 'here');
  onTestFinished(() => app.close());
  return app;
}

const hasIPv6 = existsSync('/proc/net/if_inet6');

describe('listen()', () => {
  test('returns the given address with a free port', async () => {
    const { host, port } = await listen(appOf(), { host: '127.0.0.1', port: 0 }, '--listen');
    expect(host).toBe('127.0.0.1');
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('here');
  });

  test.runIf(hasIPv6)('listens only on the given IPv6 address', async () => {
    const { host, port } = await listen(appOf(), { host: '::1', port: 0 }, '--listen');
    expect(host).toBe('::1');
    expect(await (await fetch(`http://[::1]:${port}`)).text()).toBe('here');
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
  });

  test.runIf(hasIPv6)('listens on all IPv4 and IPv6 addresses by default', async () => {
    const { host, port } = await listen(appOf(), { host: '', port: 0 }, '--listen');
    expect(host).toBe('::');
    for (const address of ['127.0.0.1', '[::1]']) {
      expect(await (await fetch(`http://${address}:${port}`)).text()).toBe('here');
    }
  });

  test('rejects if the port is in use, and says what to change', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await expect(listen(appOf(), { host: '127.0.0.1', port }, '--listen <address:port>')).rejects.toMatchObject({
      message: `Cannot listen on 127.0.0.1:${port}: the port is in use; choose another with --listen <address:port>`,
      cause: { code: 'EADDRINUSE' },
    });
  });

  test('rejects if the address is not local, and says what else to check', async () => {
    // TEST-NET-1 (RFC 5737): no machine has such an address.
    await expect(listen(appOf(), { host: '192.0.2.1', port: 0 }, '--listen')).rejects.toThrow(
      'Cannot listen on 192.0.2.1:0: this machine has no such address; choose another with --listen',
    );
    await expect(listen(appOf(), { host: '127.0.0.1', port: 65_536 }, '--listen')).rejects.toThrow(
      /^Cannot listen on 127\.0\.0\.1:65536: .*65536.*; choose another with --listen$/,
    );
  });
});

describe('loopbacks()', () => {
  test.for([
    { host: '0.0.0.0', reached: ['127.0.0.1'] },
    { host: '::', reached: ['127.0.0.1', '::1'] },
    { host: '::1', reached: ['::1'] },
    { host: '127.0.0.2', reached: ['127.0.0.2'] },
    { host: '10.1.2.3', reached: ['10.1.2.3'] },
  ])('returns $reached for $host', ({ host, reached }) => {
    expect(loopbacks(host)).toEqual(reached);
  });
});
