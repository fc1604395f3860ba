import { once } from 'node:events';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as httpsRequest, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { localCertificates } from '../support/certificates.ts';
import { forwardPort } from '../support/port-forward.ts';
import { cluster } from './kubectl.ts';

/** A request on its way to the API server. */
export interface PassingRequest {
  /** The number of requests before this one. */
  readonly index: number;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/**
 * A request fails in one of two ways. With a status, this is the answer, and the API server is not asked. Otherwise the
 * connection is cut, either before the API server is asked or in the middle of its answer.
 */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: object }
  | 'cut the request'
  | 'cut the answer';

/** Temporary failures of an API server and a network. The answer to an expired continue token has no new token. */
export const FAULTS = {
  tooManyRequests: { status: 429, headers: { 'retry-after': '0' }, body: { message: 'too many requests' } },
  internalError: { status: 500, body: { message: 'etcdserver: leader changed' } },
  expired: { status: 410, body: { message: 'The provided continue parameter is too old', reason: 'Expired' } },
  cutRequest: 'cut the request',
  cutAnswer: 'cut the answer',
} as const satisfies Record<string, Fault>;

/** An answer of the API server. */
interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A proxy of the tests' API server. Requests fail as a test decides; all others pass unchanged. */
export class FaultyProxy implements AsyncDisposable {
  /** All requests so far. */
  readonly requests: PassingRequest[] = [];
  /** The path of a copy of the tests' kubeconfig that connects through this proxy. */
  readonly kubeconfig: string;
  /** For port forwarding, the local port of each Pod by its name: the tests' cluster has no kubelets. */
  readonly pods = new Map<string, number>();
  readonly #server: Server;
  readonly #stack: AsyncDisposableStack;

  private constructor(server: Server, kubeconfig: string, stack: AsyncDisposableStack) {
    this.#server = server;
    this.kubeconfig = kubeconfig;
    this.#stack = stack;
  }

  /** `faultOf` may count requests: it is called exactly once for each. */
  static async start(faultOf: (request: PassingRequest) => Fault | undefined): Promise<FaultyProxy> {
    await using stack = new AsyncDisposableStack();
    const { ca, serving } = await localCertificates();
    const kubeconfig = JSON.parse(await readFile(cluster().kubeconfig, 'utf8'));
    const target = new URL(kubeconfig.clusters[0].cluster.server);
    const agent = new Agent({ ca: await readFile(cluster().certificateAuthority), keepAlive: true });
    stack.defer(() => agent.destroy());

    const server = createServer(serving).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    kubeconfig.clusters[0].cluster = {
      server: `https://127.0.0.1:${port}`,
      'certificate-authority-data': Buffer.from(ca.cert).toString('base64'),
    };
    const directory = stack.use(await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-proxy-'))).path;
    const file = join(directory, 'kubeconfig');
    await writeFile(file, JSON.stringify(kubeconfig), { mode: 0o600 });

    const proxy = new FaultyProxy(server, file, stack.move());
    server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
      const url = new URL(incoming.url ?? '/', target);
      const passing = {
        index: proxy.requests.length,
        method: incoming.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
      };
      proxy.requests.push(passing);
      treat(incoming, response, { url, agent, fault: faultOf(passing) }).catch(() => response.destroy());
    });
    server.on('upgrade', (incoming, socket) => {
      const [, pod = ''] = /\/pods\/([^/]+)\/portforward/.exec(incoming.url ?? '') ?? [];
      forwardPort(incoming, socket, proxy.pods.get(pod) ?? { refused: 404 });
    });
    return proxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server.close(), 'close');
    this.#server.closeAllConnections();
    await closed;
    await this.#stack.disposeAsync();
  }
}

async function treat(
  incoming: IncomingMessage,
  response: ServerResponse,
  { url, agent, fault }: { readonly url: URL; readonly agent: Agent; readonly fault: Fault | undefined },
): Promise<void> {
  const body = await buffer(incoming);
  if (fault === 'cut the request') return void response.destroy();
  if (typeof fault === 'object') {
    response.writeHead(fault.status, fault.headers).end(JSON.stringify(fault.body ?? {}));
    return;
  }
  const answer = await pass(incoming, body, { url, agent });
  const headers = { 'content-type': answer.headers['content-type'], 'content-length': answer.body.length };
  response.writeHead(answer.status, headers);
  if (fault !== 'cut the answer') return void response.end(answer.body);
  response.write(answer.body.subarray(0, answer.body.length / 2), () => response.destroy());
}

/** Sends a request to the API server with the client's credentials. */
async function pass(
  { method, headers }: IncomingMessage,
  body: Buffer,
  { url, agent }: { readonly url: URL; readonly agent: Agent },
): Promise<Answer> {
  const passed = { ...headers, host: url.host, 'accept-encoding': 'identity' };
  const sent = httpsRequest(url, { method, agent, headers: passed }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: Number(response.statusCode), headers: response.headers, body: await buffer(response) };
}
