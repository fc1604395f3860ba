import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ApiClient } from '../../src/kubernetes/api-client.ts';
import { servedCertificate } from '../../src/kubernetes/served-certificate.ts';
import { localCertificates } from '../support/certificates.ts';
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
  const certificate = servedCertificate(ApiClient.fromEnvironment().kubeConfig, ENDPOINT);
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
