import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { kubectl } from './program.ts';

/** Prints only the current context, with everything needed to use it. */
export const CONFIG_VIEW = ['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json'] as const;

/** The current context, from `kubectl config view`. */
interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data'?: string };
  }[];
  readonly users: readonly {
    readonly user: {
      readonly 'client-certificate-data'?: string;
      readonly 'client-key-data'?: string;
      readonly token?: string;
    };
  }[];
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** As many as a busy controller uses. With more, requests would queue in the API server. */
const MOST_CONNECTIONS = 64;

/** The API server itself gives up after 60 s. */
const TIMEOUT_MS = 65_000;

/** The API server of the current kubeconfig, over persistent connections: kubectl processes could not do 100 calls a second. */
export class ApiServer {
  readonly #server: URL;
  readonly #agent: Agent;
  readonly #authorization: Readonly<Record<string, string>>;

  private constructor({ clusters, users }: Kubeconfig) {
    const [{ cluster } = {}] = clusters;
    const [{ user } = {}] = users;
    if (!cluster || !user) throw new Error('Cannot use the kubeconfig: it has no current context');
    const pem = (base64: string | undefined) => base64 && Buffer.from(base64, 'base64').toString();
    const { 'client-certificate-data': cert, 'client-key-data': key, token } = user;
    if (!token && !(cert && key))
      throw new Error('Cannot use the kubeconfig: expected a client certificate or a token');
    this.#server = new URL(cluster.server);
    this.#authorization = token ? { authorization: `Bearer ${token}` } : {};
    const ca = pem(cluster['certificate-authority-data']);
    const options = { ca, cert: pem(cert), key: pem(key), keepAlive: true, maxSockets: MOST_CONNECTIONS };
    this.#agent = new Agent(options);
  }

  /** The API server that kubectl talks to. */
  static async current(): Promise<ApiServer> {
    return ApiServer.of(await kubectl(CONFIG_VIEW));
  }

  /** The API server of a kubeconfig, from the output of `kubectl config view`. */
  static of(config: string): ApiServer {
    return new ApiServer(JSON.parse(config));
  }

  /** Sends a request. Resolves with any answer; rejects if there is none. */
  send(method: string, path: string, object?: unknown): Promise<Answer> {
    const body = object === undefined ? undefined : JSON.stringify(object);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const client = request(new URL(path, this.#server), {
        method,
        agent: this.#agent,
        headers: { ...this.#authorization, accept: 'application/json', ...type, ...length },
        timeout: TIMEOUT_MS,
      });
      client.once('response', (response) => {
        text(response).then((said) => resolve({ status: response.statusCode ?? 0, body: said }), reject);
      });
      client.once('timeout', () => client.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
      client.on('error', reject);
      client.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
