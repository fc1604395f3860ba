import { writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { localCertificates } from './certificates.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON; undefined without a body. */
  readonly body: unknown;
}

/** A status and a body (JSON unless it is text); or a function that handles the response. */
export type Answer = readonly [status: number, body: unknown] | ((response: ServerResponse) => void);

const CERTIFICATES = await localCertificates();

/** A fake API server: it records requests and returns the test's answers. */
export async function startApiServer(
  answer: (request: ReceivedRequest) => Answer | Promise<Answer>,
  host = '127.0.0.1',
) {
  const requests: ReceivedRequest[] = [];
  // Node's own Date header always has the real time.
  const clock: { date: () => string | undefined } = { date: () => new Date().toUTCString() };
  const server = createServer(CERTIFICATES.serving, async (incoming, response) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '', 'https://localhost');
    const body = await text(incoming);
    const request: ReceivedRequest = {
      method: incoming.method ?? '',
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: incoming.headers,
      body: body === '' ? undefined : JSON.parse(body),
    };
    requests.push(request);
    const given = await answer(request);
    const date = clock.date();
    if (date === undefined) response.sendDate = false;
    else response.setHeader('Date', date);
    if (typeof given === 'function') return given(response);
    const [status, content] = given;
    response.writeHead(status).end(typeof content === 'string' ? content : JSON.stringify(content));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const stop = async () => {
    // Without this, connections in a handshake would stay open for six seconds.
    server.on('secureConnection', (socket) => socket.destroy());
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  return { server, url, requests, clock, stop, ca: CERTIFICATES.ca.cert };
}

interface KubeconfigOptions {
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  readonly currentContext?: string;
}

/**
 * Writes a kubeconfig with a token, and returns its path. Its contexts are `first`, `second` (with another path) and
 * `namespaced`.
 */
export function writeKubeconfig({ server, ca, currentContext = 'first' }: KubeconfigOptions): string {
  const file = join(temporaryDirectory(), 'kubeconfig');
  const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  const context = { cluster: 'stub', user: 'somebody' };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': currentContext,
    clusters: [
      { name: 'stub', cluster },
      { name: 'other', cluster: { ...cluster, server: `${server}/other` } },
    ],
    contexts: [
      { name: 'first', context },
      { name: 'second', context: { ...context, cluster: 'other' } },
      { name: 'namespaced', context: { ...context, namespace: 'of-the-context' } },
    ],
    users: [{ name: 'somebody', user: { token: 'a-token' } }],
  };
  writeFileSync(file, JSON.stringify(kubeconfig));
  return file;
}
