import dns from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { issueServingCertificate, type KeyedCertificate } from '../../../src/certificates/issue.ts';
import { directReview } from '../../../src/commands/doctor/direct-review.ts';
import { localCertificates, validFor } from '../../support/certificates.ts';

let ca: KeyedCertificate;
let serving: KeyedCertificate;

beforeAll(async () => {
  ({ ca } = await localCertificates());
  serving = await issueServingCertificate({ ca, names: ['a.b.svc', '127.0.0.1'], ...validFor(24, new Date()) });
});

/** A server that returns the request it received. */
async function echo(): Promise<number> {
  const server = createServer(serving, async (request, response) => {
    const { method, url, headers } = request;
    response
      .writeHead(201)
      .end(JSON.stringify({ method, url, type: headers['content-type'], body: await text(request) }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const post = (port: number, name: string, trusted = ca.cert, host = '127.0.0.1', timeoutMs?: number) =>
  directReview({ host, port, path: '/mutate', name, ca: trusted }, { a: 'review' }, timeoutMs);

describe('directReview()', () => {
  test.for(['a.b.svc', '127.0.0.1'])('posts a review, and returns any answer, called %s', async (name) => {
    const { status, body } = await post(await echo(), name);
    expect([status, JSON.parse(body)]).toEqual([
      201,
      { method: 'POST', url: '/mutate', type: 'application/json', body: '{"a":"review"}' },
    ]);
  });

  test('rejects a certificate for another name', async () => {
    await expect(post(await echo(), 'another.b.svc')).rejects.toThrow(/altnames.*another\.b\.svc/);
  });

  test('rejects a certificate from another CA', async () => {
    await expect(post(await echo(), 'a.b.svc', (await localCertificates()).ca.cert)).rejects.toThrow(/certificate/);
  });

  test('rejects if nothing listens at any of several addresses', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await once(server.close(), 'close');
    await expect(post(port, 'a')).rejects.toThrow(`connect ECONNREFUSED 127.0.0.1:${port}`);
    const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
    const lookup = vi
      .spyOn(dns, 'lookup')
      .mockImplementation(((_host: string, _options: object, done: (...found: unknown[]) => void) =>
        done(null, addresses)) as typeof dns.lookup);
    onTestFinished(() => lookup.mockRestore());
    await expect(post(port, 'a', ca.cert, 'localhost')).rejects.toThrow(/^connect ECONNREFUSED 127\.0\.0\.1:/);
  });

  test('rejects after the timeout', async () => {
    const sockets: Socket[] = [];
    const silent = createTcpServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    await expect(post((silent.address() as AddressInfo).port, 'a', ca.cert, '127.0.0.1', 50)).rejects.toThrow(
      /timeout/,
    );
  });
});
