import http from 'node:http';
import https from 'node:https';
import { isIPv6, type Socket } from 'node:net';
import { SocksClient } from 'socks';
import { CONNECT_TIMEOUT_MS } from '../limit-connecting.ts';

/** The destination of a connection, and its trust settings. */
export interface Destination {
  readonly host: string;
  readonly port: number | string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Opens a connection through a proxy. */
export type Dial = (destination: Destination) => Promise<Socket>;

/** With CONNECT (RFC 9110, section 9.3.6). As in kubectl, the trust settings of the server also apply to an HTTPS proxy. */
export function dialHttp(proxy: URL, timeoutMs: number = CONNECT_TIMEOUT_MS): Dial {
  const { request } = proxy.protocol === 'https:' ? https : http;
  return ({ host, port, ...trust }) => {
    const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const connecting = request({
      ...trusted(trust),
      ...addressOf(proxy),
      method: 'CONNECT',
      path: authority,
      headers: { Host: authority, ...authorization(proxy) },
      agent: false,
      timeout: timeoutMs,
    });
    connecting
      .once('connect', ({ statusCode, statusMessage }, socket: Socket) => {
        if (statusCode === 200) return resolve(socket.setTimeout(0));
        socket.destroy();
        reject(new Error(`the proxy answered CONNECT with ${statusCode} ${statusMessage}`));
      })
      .once('timeout', () => connecting.destroy(new Error('the proxy does not answer')))
      .once('error', reject)
      .end();
    return promise;
  };
}

/** With SOCKS 5. As in kubectl, the proxy resolves names: those of private clusters are often only known there. */
export function dialSocks(proxy: URL): Dial {
  const { host, port } = addressOf(proxy);
  const { username, password } = credentials(proxy);
  const by = { host, port: Number(port) || 1080, type: 5 as const, ...(username && { userId: username, password }) };
  return async (destination) => {
    const { socket } = await SocksClient.createConnection({
      proxy: by,
      command: 'connect',
      destination: { host: destination.host, port: Number(destination.port) },
      timeout: CONNECT_TIMEOUT_MS,
    });
    return socket;
  };
}

function trusted({ ca, cert, key, rejectUnauthorized }: Omit<Destination, 'host' | 'port'>): https.RequestOptions {
  return { ca, cert, key, rejectUnauthorized };
}

function addressOf({ hostname, port }: URL): { host: string; port: string | undefined } {
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port || undefined };
}

function credentials({ username, password }: URL) {
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

function authorization(proxy: URL): http.OutgoingHttpHeaders {
  const { username, password } = credentials(proxy);
  if (!username && !password) return {};
  return { 'Proxy-Authorization': `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
