import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { issueServingCertificate } from '../../src/certificates/issue.ts';
import { ApiClient } from '../../src/kubernetes/api-client.ts';
import { judgedCertificate, servedCertificate } from '../../src/kubernetes/served-certificate.ts';
import { localCertificates, validFor } from '../support/certificates.ts';
import type { Forwarded } from '../support/port-forward.ts';
import { startPod, startTrustApi } from '../support/trust-api.ts';

const ENDPOINT = { namespace: 'n', pod: 'a-pod', port: 10_250 };

/** Asks for the certificate of a Pod whose port leads to this. */
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
  const certificate = servedCertificate(new ApiClient({}, process.env).connection, ENDPOINT);
  return { certificate, upgrades, open };
}

describe('servedCertificate()', () => {
  test('reads what a Pod serves, by whomever it was issued, and leaves no connection open', async () => {
    const { serving } = await localCertificates();
    const { certificate, upgrades, open } = await ask(await startPod(serving));
    expect((await certificate).fingerprint256).toBe(new X509Certificate(serving.cert).fingerprint256);
    expect(upgrades).toEqual(['/api/v1/namespaces/n/pods/a-pod/portforward?ports=10250', 'Bearer a-token']);
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('goes through the proxy of the kubeconfig, as somebody else', async () => {
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
    const certificate = await servedCertificate(connection, ENDPOINT);
    expect(certificate.fingerprint256).toBe(new X509Certificate(serving.cert).fingerprint256);
    expect([asked, impersonated]).toEqual([[new URL(api.url).host], ['jane']]);
  });

  test('says that it may not, or that there is no such Pod', async () => {
    const { certificate } = await ask({ refused: 403 });
    await expect(certificate).rejects.toThrow(
      'Cannot reach Pod n/a-pod through the API server: Unexpected server response: 403',
    );
  });

  test('says what the kubelet says', async () => {
    const { certificate, open } = await ask({ error: 'connection refused in the Pod' });
    await expect(certificate).rejects.toThrow(
      'Cannot read the certificate of Pod n/a-pod: connection refused in the Pod',
    );
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('says that it is no TLS', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { certificate } = await ask((server.address() as AddressInfo).port);
    await expect(certificate).rejects.toThrow(
      /^Cannot read the certificate of Pod n\/a-pod: .*(version|packet|TLS|SSL)/,
    );
  });

  test('gives up on one that says nothing after 10 s', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort());
    onTestFinished(() => timeout.mockRestore());
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { certificate, open } = await ask((server.address() as AddressInfo).port);
    await expect(certificate).rejects.toThrow('Cannot read the certificate of Pod n/a-pod: The operation was aborted');
    expect(timeout.mock.calls).toEqual([[10_000]]);
    await vi.waitFor(() => expect(open.size).toBe(0));
  });
});

describe('judgedCertificate()', () => {
  const judge = async (trust: { readonly ca: string; readonly name: string }, forwarded: Forwarded) => {
    const api = await startTrustApi();
    api.pods.set('a-pod', forwarded);
    return judgedCertificate(new ApiClient({}, process.env).connection, ENDPOINT, trust);
  };

  test.for(['a.b.svc', '127.0.0.1'])('accepts what the API server would, called %s', async (name) => {
    const { ca } = await localCertificates();
    const serving = await issueServingCertificate({ ca, names: ['a.b.svc', '127.0.0.1'], ...validFor(24, new Date()) });
    const { certificate, problem } = await judge({ ca: ca.cert, name }, await startPod(serving));
    expect([certificate.fingerprint256, problem]).toEqual([
      new X509Certificate(serving.cert).fingerprint256,
      undefined,
    ]);
  });

  test('says why it would not: the CA', async () => {
    const [{ serving }, other] = await Promise.all([localCertificates(), localCertificates()]);
    const { certificate, problem } = await judge({ ca: other.ca.cert, name: 'localhost' }, await startPod(serving));
    expect(certificate.fingerprint256).toBe(new X509Certificate(serving.cert).fingerprint256);
    expect(problem).toMatch(/^[A-Z_]*(ISSUER|LEAF|CERT)[A-Z_]*$/);
  });

  test('says why it would not: the name', async () => {
    const { ca, serving } = await localCertificates();
    expect((await judge({ ca: ca.cert, name: 'a.b.svc' }, await startPod(serving))).problem).toMatch(
      /altnames|ALTNAME/,
    );
  });

  test('says why it would not: the time', async () => {
    const { ca } = await localCertificates();
    const serving = await issueServingCertificate({ ca, names: ['localhost'], ...validFor(-0.1, new Date()) });
    expect((await judge({ ca: ca.cert, name: 'localhost' }, await startPod(serving))).problem).toBe('CERT_HAS_EXPIRED');
  });
});
