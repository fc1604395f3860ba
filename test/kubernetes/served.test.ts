import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { issueServingCertificate, type KeyedCertificate } from '../../src/certificates/issue.ts';
import { ApiClient } from '../../src/kubernetes/api-client.ts';
import { readServed } from '../../src/kubernetes/served.ts';
import { localCertificates, validFor } from '../support/certificates.ts';
import { entryFor } from '../support/chart-configuration.ts';
import type { Forwarded } from '../support/port-forward.ts';
import { startPod, startTrustApi } from '../support/trust-api.ts';

/** A Service that no entry calls. */
const UNCALLED = { calledName: 'a.b.svc', entries: [] };

const SERVICE = { namespace: 'n', name: 'a-service', port: 443 };
const ENDPOINT = { namespace: 'n', pod: 'a-pod', port: 10_250 };

/** Reads the certificate of a Pod through a forwarded port. */
async function ask(forwarded: Forwarded) {
  const api = await startTrustApi();
  api.pods.set('a-pod', forwarded);
  const upgrades: (string | undefined)[] = [];
  const open = new Set<object>();
  api.server.on('upgrade', ({ url, headers }, socket) => {
    upgrades.push(url, headers.authorization);
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  const served = readServed(new ApiClient({}, process.env).connection, UNCALLED, [ENDPOINT]);
  return { served: served.then(([one]) => one), upgrades, open };
}

describe('readServed()', () => {
  test("returns a Pod's certificate, whatever its issuer, and leaves no connection open", async () => {
    const { serving } = await localCertificates();
    const { served, upgrades, open } = await ask(await startPod(serving));
    expect(await served).toMatchObject({ pod: 'a-pod', certificate: new X509Certificate(serving.cert) });
    expect(upgrades).toEqual(['/api/v1/namespaces/n/pods/a-pod/portforward?ports=10250', 'Bearer a-token']);
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test("uses the kubeconfig's proxy and impersonation", async () => {
    const { serving } = await localCertificates();
    const api = await startTrustApi();
    api.pods.set('a-pod', await startPod(serving));
    const asked: (string | undefined)[] = [];
    const proxy = createHttpServer().on('connect', ({ url }, client: Socket) => {
      asked.push(url);
      const upstream = connect(Number(new URL(api.url).port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        client.pipe(upstream).pipe(client);
      });
      upstream.on('error', () => client.destroy());
      client.on('error', () => upstream.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    onTestFinished(() => void proxy.close());
    await once(proxy, 'listening');
    const impersonated: unknown[] = [];
    api.server.on('upgrade', ({ headers }) => impersonated.push(headers['impersonate-user']));

    const kubeconfig = process.env['KUBECONFIG'] ?? expect.fail();
    const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
    config.clusters[0].cluster['proxy-url'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    writeFileSync(kubeconfig, JSON.stringify(config));
    const { connection } = new ApiClient({ as: 'jane' }, process.env);
    expect(await readServed(connection, UNCALLED, [ENDPOINT])).toMatchObject([
      { certificate: new X509Certificate(serving.cert) },
    ]);
    expect([asked, impersonated]).toEqual([[new URL(api.url).host], ['jane']]);
  });

  test('reports a missing permission, or a missing Pod', async () => {
    const { served } = await ask({ refused: 403 });
    expect(await served).toEqual({
      pod: 'a-pod',
      problem: 'Cannot reach Pod n/a-pod through the API server: Unexpected server response: 403',
    });
  });

  test("reports the kubelet's error", async () => {
    const { served, open } = await ask({ error: 'connection refused in the Pod' });
    expect(await served).toEqual({
      pod: 'a-pod',
      problem: 'Cannot read the certificate of Pod n/a-pod: connection refused in the Pod',
    });
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('reports a Pod that does not use TLS', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { served } = await ask((server.address() as AddressInfo).port);
    expect(await served).toEqual({
      pod: 'a-pod',
      problem: expect.stringMatching(/^Cannot read the certificate of Pod n\/a-pod: .*(version|packet|TLS|SSL)/),
    });
  });

  test('gives up after 10 s without an answer', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort());
    onTestFinished(() => timeout.mockRestore());
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { served, open } = await ask((server.address() as AddressInfo).port);
    expect(await served).toEqual({
      pod: 'a-pod',
      problem: 'Cannot read the certificate of Pod n/a-pod: The operation was aborted',
    });
    expect(timeout.mock.calls).toEqual([[10_000]]);
    await vi.waitFor(() => expect(open.size).toBe(0));
  });
});

describe('readServed() for the entries that call a Service', () => {
  const ask = async (calledName: string, caBundles: Readonly<Record<string, string>>, serving: KeyedCertificate) => {
    const api = await startTrustApi();
    api.pods.set('a-pod', await startPod(serving));
    const entries = Object.entries(caBundles).map(([name, text]) => {
      const clientConfig = { service: SERVICE, caBundle: Buffer.from(text).toString('base64') };
      return { ...entryFor('standard'), name, clientConfig };
    });
    const dialled: (string | undefined)[] = [];
    api.server.on('upgrade', ({ url }) => dialled.push(url));
    const served = await readServed(new ApiClient({}, process.env).connection, { calledName, entries }, [ENDPOINT]);
    return { served, dials: dialled.length };
  };

  test.for(['a.b.svc', '127.0.0.1'])(
    'checks whether the API server would accept the certificate, called %s',
    async (calledName) => {
      const { ca } = await localCertificates();
      const serving = await issueServingCertificate({
        ca,
        names: ['a.b.svc', '127.0.0.1'],
        ...validFor(24, new Date()),
      });
      expect(await ask(calledName, { a: ca.cert, b: ca.cert }, serving)).toEqual({
        served: [{ pod: 'a-pod', certificate: new X509Certificate(serving.cert), refusals: [] }],
        dials: 1,
      });
    },
  );

  test('reports the caBundle that refuses it, and the reason: the CA', async () => {
    const [{ serving, ca }, other] = await Promise.all([localCertificates(), localCertificates()]);
    const { served, dials } = await ask('localhost', { a: ca.cert, b: other.ca.cert, c: '' }, serving);
    const problem = expect.stringMatching(/^[A-Z_]*(ISSUER|LEAF|CERT)[A-Z_]*$/);
    expect(served).toMatchObject([
      {
        refusals: [
          { entries: ['b'], caBundle: other.ca.cert, problem },
          { entries: ['c'], caBundle: '', problem },
        ],
      },
    ]);
    expect(dials).toBe(3);
  });

  test('reports the reason: the name', async () => {
    const { ca, serving } = await localCertificates();
    expect((await ask('a.b.svc', { a: ca.cert }, serving)).served).toMatchObject([
      { refusals: [{ entries: ['a'], problem: expect.stringMatching(/altnames|ALTNAME/) }] },
    ]);
  });

  test('reports the reason: the time', async () => {
    const { ca } = await localCertificates();
    const serving = await issueServingCertificate({ ca, names: ['localhost'], ...validFor(-0.1, new Date()) });
    expect((await ask('localhost', { a: ca.cert }, serving)).served).toMatchObject([
      { refusals: [{ problem: 'CERT_HAS_EXPIRED' }] },
    ]);
  });
});
