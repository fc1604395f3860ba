import { on } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** The parts of a call that identify the client, and how the call arrived. */
export interface Arrival {
  readonly scheme: 'https' | 'http';
  /** The Host header, with `http` or `https` instead of the port number. */
  readonly host: string;
  /** The path of the list request. */
  readonly path: string;
  /** The server name of the TLS handshake. */
  readonly sni: string | undefined;
  readonly authorization: string | undefined;
  /** The common name of the client certificate. */
  readonly certificate: string | undefined;
  /** The impersonation headers, sorted. */
  readonly impersonation: readonly string[];
  /** The proxy's request, with its kind and credentials; undefined without a proxy. */
  readonly proxy: string | undefined;
}

interface RecorderOptions {
  readonly key: string;
  readonly cert: string;
}

/** Discovery, and an empty list of ServiceAccounts: all that kubectl needs to list them. */
const ANSWERS: readonly (readonly [RegExp, object])[] = [
  [/\/api$/, { kind: 'APIVersions', versions: ['v1'] }],
  [/\/apis$/, { kind: 'APIGroupList', apiVersion: 'v1', groups: [] }],
  [
    /\/api\/v1$/,
    {
      kind: 'APIResourceList',
      groupVersion: 'v1',
      resources: [{ name: 'serviceaccounts', namespaced: true, kind: 'ServiceAccount', verbs: ['list'] }],
    },
  ],
  [/\/serviceaccounts$/, { kind: 'ServiceAccountList', apiVersion: 'v1', metadata: {}, items: [] }],
];

/** An API server with HTTPS, one with HTTP, an HTTP proxy and a SOCKS proxy. Both proxies always connect to these servers. */
export class Recorder {
  readonly arrivals: Arrival[] = [];
  /** Bearer tokens that the API server rejects. */
  readonly refused = new Set<string>();
  /** The targets that proxy clients requested. */
  readonly tunnels: string[] = [];
  readonly #viaProxy = new Map<number, string>();
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  httpsPort = 0;
  httpPort = 0;
  proxyPort = 0;
  socksPort = 0;

  static async start(options: RecorderOptions): Promise<Recorder> {
    const recorder = new Recorder();
    const answer: RequestListener = (request, response) => {
      recorder.#record(request);
      const path = new URL(request.url ?? '', 'http://any').pathname;
      const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
      const found = ANSWERS.find(([form]) => form.test(path))?.[1];
      const status = recorder.refused.has(token) ? 401 : found ? 200 : 404;
      const refusal = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, message: 'Unauthorized' };
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(status === 200 ? found : refusal));
    };
    const tls = { ...options, requestCert: true, rejectUnauthorized: false };
    recorder.httpsPort = await recorder.#listen(recorder.#proxying(createHttpsServer(tls, answer)));
    recorder.httpPort = await recorder.#listen(createHttpServer(answer));
    recorder.proxyPort = await recorder.#listen(recorder.#proxying(createHttpServer(answer)));
    recorder.socksPort = await recorder.#listen(recorder.#socksProxy());
    return recorder;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #listen(server: Server): Promise<number> {
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket));
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '::', resolve));
    return (server.address() as AddressInfo).port;
  }

  #record(request: IncomingMessage): void {
    const url = new URL(request.url ?? '', 'http://any');
    if (!url.pathname.endsWith('/serviceaccounts')) return;
    const socket = request.socket as TLSSocket;
    const isTLS = 'getPeerCertificate' in socket;
    const impersonation = request.rawHeaders.flatMap((name, index, all) =>
      index % 2 === 0 && /^impersonate-/i.test(name) ? `${name.toLowerCase()}: ${all[index + 1]}` : [],
    );
    const { host = '', authorization } = request.headers;
    this.arrivals.push({
      scheme: isTLS ? 'https' : 'http',
      host: this.#named(host),
      path: url.pathname,
      sni: isTLS ? socket.servername || undefined : undefined,
      authorization,
      certificate: isTLS ? (socket.getPeerCertificate().subject?.CN as string | undefined) : undefined,
      impersonation: impersonation.sort(),
      proxy: this.#viaProxy.get(socket.remotePort ?? 0) ?? this.#forwarded(request),
    });
  }

  #forwarded({ url = '', headers }: IncomingMessage): string | undefined {
    if (!url.startsWith('http://')) return undefined;
    return ['GET', headers['proxy-authorization']].filter(Boolean).join(' ');
  }

  #named(text: string): string {
    const names = { https: this.httpsPort, http: this.httpPort };
    return Object.entries(names).reduce((shown, [name, port]) => shown.replace(`:${port}`, `:${name}`), text);
  }

  #proxying(server: Server): Server {
    return server.on('connect', ({ url = '', headers }: IncomingMessage, client: Socket) => {
      const asked = ['CONNECT', this.#named(url), headers['proxy-authorization']].filter(Boolean).join(' ');
      this.#join(client, asked, () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
    });
  }

  /** SOCKS 5 (RFC 1928), with username and password (RFC 1929) if the client offers them. */
  #socksProxy(): Server {
    return createServer(async (client) => {
      const data = on(client, 'data');
      const next = async () => ((await data.next()).value as [Buffer])[0];
      const isKnown = (await next()).subarray(2).includes(2);
      client.write(Buffer.from([5, isKnown ? 2 : 0]));
      let user = '';
      if (isKnown) {
        const [, length = 0, ...rest] = await next();
        user = ` ${Buffer.from(rest.toSpliced(length, 1, 58))}`;
        client.write(Buffer.from([1, 0]));
      }
      const request = await next();
      const [kind, length] = [request[3], request[4] ?? 0];
      const asked =
        kind === 3
          ? request.subarray(5, 5 + length).toString()
          : [...request.subarray(4, kind === 4 ? 20 : 8)].join('.');
      const name = this.#named(`${asked}:${request.readUInt16BE(request.length - 2)}`);
      await data.return?.();
      this.#join(client, `SOCKS ${name}${user}`, () => client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])));
    });
  }

  /** Connects a proxy client to the HTTPS server, or to the HTTP server if it asks for that. */
  #join(client: Socket, asked: string, ready: () => void): void {
    this.tunnels.push(asked);
    const upstream = connect(
      asked.includes(':http') && !asked.includes(':https') ? this.httpPort : this.httpsPort,
      '::1',
    );
    upstream
      .on('error', () => client.destroy())
      .once('connect', () => {
        const port = upstream.localPort ?? 0;
        this.#viaProxy.set(port, asked);
        // Another connection may reuse the port afterwards.
        upstream.once('close', () => this.#viaProxy.delete(port));
        ready();
        client.pipe(upstream).pipe(client);
      });
    client.on('error', () => upstream.destroy()).once('close', () => upstream.destroy());
  }
}
