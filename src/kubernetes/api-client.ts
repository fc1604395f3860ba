import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { type Cluster, KubeConfig, PatchStrategy } from '@kubernetes/client-node';
import { type ApiAnswer, answeredObject, answeredText } from './api-answer.ts';
import { ApiError } from './api-error.ts';
import { limitConnecting } from './limit-connecting.ts';

/**
 * An API server that has not answered by then is as good as away. Its own limit is 60 s; what is asked for here are single
 * objects, and who waits is a replica that has something else to do, or a person.
 */
const TIMEOUT_MS = 5_000;

/**
 * For a command that makes thousands of calls, and would rather wait than leave things undone: a bit more than the API
 * server's own limit of 60 s. It answers 504 by then; who gives up before does not know whether a write got through, and asks
 * a loaded server twice for the same.
 */
export const BULK_TIMEOUT_MS = 65_000;

/** The context that the Kubernetes client makes up, for localhost, when it finds neither kubeconfig nor ServiceAccount. */
const MADE_UP_CONTEXT = 'loaded-context';

/** The one that it makes up for a Pod's ServiceAccount. */
const POD_CONTEXT = 'inClusterContext';

const NO_CLUSTER = 'There is no cluster to talk to: set KUBECONFIG, or run this in a Pod';

export interface ApiRequest {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** For what takes longer than all else. */
  readonly timeoutMs?: number;
}

/**
 * Calls the API server of a kubeconfig, or of the Pod that this runs in. Objects come and go as JSON: nothing that the API
 * server writes is lost to the models of an older client.
 */
export class ApiClient {
  readonly #kubeConfig: KubeConfig;
  readonly #cluster: Cluster;
  readonly #timeoutMs: number;
  /**
   * The Kubernetes client's own makes a connection for every request, and each takes 150 KB that are not freed for hours
   * where little else happens. Connections are apart by CA and credentials, as files of both may change.
   */
  readonly #agent = new Agent({ keepAlive: true });
  #hasAnswered = false;

  constructor(kubeConfig: KubeConfig, timeoutMs = TIMEOUT_MS) {
    const cluster = kubeConfig.getCurrentCluster();
    if (!cluster) throw new ApiError(NO_CLUSTER, undefined);
    this.#kubeConfig = kubeConfig;
    this.#cluster = cluster;
    this.#timeoutMs = timeoutMs;
  }

  /** As kubectl finds its cluster: KUBECONFIG, ~/.kube/config, or the Pod's ServiceAccount. */
  static fromEnvironment(context?: string, timeoutMs?: number): ApiClient {
    const kubeConfig = new KubeConfig();
    try {
      kubeConfig.loadFromDefault();
    } catch (cause) {
      throw new ApiError(`Cannot read the kubeconfig: ${(cause as Error).message}`, undefined, { cause });
    }
    if (kubeConfig.getCurrentContext() === MADE_UP_CONTEXT) throw new ApiError(NO_CLUSTER, undefined);
    if (context !== undefined) {
      if (!kubeConfig.getContextObject(context)) {
        throw new ApiError(`The kubeconfig has no context "${context}"`, undefined);
      }
      kubeConfig.setCurrentContext(context);
    }
    return new ApiClient(kubeConfig, timeoutMs);
  }

  /** For what needs more than requests and answers. */
  get kubeConfig(): KubeConfig {
    return this.#kubeConfig;
  }

  /** The namespace of the kubeconfig's context, or of the Pod that this runs in. */
  get namespace(): string {
    const { currentContext } = this.#kubeConfig;
    return this.#kubeConfig.getContextObject(currentContext)?.namespace ?? 'default';
  }

  /** Whether this runs in a Pod, with its ServiceAccount: then Services can be reached from here. */
  get isInCluster(): boolean {
    return this.#kubeConfig.currentContext === POD_CONTEXT;
  }

  /** Whether there has ever been an answer: then this is an API server, and one that is away may come back. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** An object; undefined when there is none. */
  async get<T>(request: ApiRequest): Promise<T | undefined> {
    try {
      return await this.#send<T>('GET', request);
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** A list, or a page of one. */
  async list<T extends { readonly items: unknown }>(request: ApiRequest): Promise<T> {
    const answered = await this.#send<object>('GET', request);
    // What answers everything with an object is no API server: that it has no items must not look like an empty list.
    if ('items' in answered) return answered as T;
    throw new ApiError(`The API server answers GET ${request.path} with what is no list`, 200);
  }

  create<T>(request: ApiRequest, object: object): Promise<T> {
    return this.#send<T>('POST', request, 'application/json', object);
  }

  /** Server-side apply, by force: what is sent belongs to `fieldManager` from then on. */
  apply<T>({ path, query }: ApiRequest, fieldManager: string, object: object): Promise<T> {
    const all = { ...query, fieldManager, force: 'true', fieldValidation: 'Strict' };
    return this.#send<T>('PATCH', { path, query: all }, PatchStrategy.ServerSideApply, object);
  }

  /** Changes an object that exists, by JSON Patch (RFC 6902). */
  patch<T>(request: ApiRequest, operations: readonly object[]): Promise<T> {
    return this.#send<T>('PATCH', request, PatchStrategy.JsonPatch, operations);
  }

  /** Whatever is answered: for what passes through it. */
  post(request: ApiRequest, object: object): Promise<ApiAnswer> {
    return this.#call('POST', request, 'application/json', object);
  }

  /** What is no object: metrics, say. */
  async text(request: ApiRequest): Promise<string> {
    return answeredText(`GET ${request.path}`, await this.#call('GET', request));
  }

  async #send<T>(method: string, request: ApiRequest, contentType?: string, object?: object): Promise<T> {
    return answeredObject(`${method} ${request.path}`, await this.#call(method, request, contentType, object)) as T;
  }

  async #call(
    method: string,
    { path, query = {}, accept, timeoutMs = this.#timeoutMs }: ApiRequest,
    contentType?: string,
    object?: object,
  ) {
    const url = new URL(`${this.#cluster.server}${path}`);
    url.search = new URLSearchParams(query).toString();
    const headers = {
      Accept: accept ?? 'application/json',
      'User-Agent': 'gateway-name-webhook',
      ...(contentType !== undefined && { 'Content-Type': contentType }),
    };
    return this.#answer(url, { method, headers }, timeoutMs, object && JSON.stringify(object));
  }

  async #answer(url: URL, options: RequestOptions, timeoutMs: number, body: string | undefined): Promise<ApiAnswer> {
    // Not AbortSignal.timeout(): it goes on after the answer. Of a bulk of calls, 13,000 would wait at once.
    const limit = new AbortController();
    const abort = () => limit.abort(new Error(`no answer within ${timeoutMs / 1000} s`));
    const timer = setTimeout(abort, timeoutMs);
    const { signal } = limit;
    try {
      await this.#kubeConfig.applyToHTTPSOptions(options);
      const agent = this.#cluster.proxyUrl === undefined ? this.#agent : options.agent;
      const sent = request(url, { ...options, agent, signal }).end(body);
      limitConnecting(sent);
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const { statusCode, headers } = response;
      this.#hasAnswered = true;
      return { status: Number(statusCode), retryAfter: headers['retry-after'], body: await text(response) };
    } catch (error) {
      const cause = signal.aborted ? signal.reason : error;
      const message = `Cannot reach the API server at ${this.#cluster.server}: ${causeMessage(cause)}`;
      throw new ApiError(message, undefined, { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Of several addresses that were tried, the first says enough. */
function causeMessage(error: Error): string {
  return error instanceof AggregateError ? error.errors[0].message : error.message;
}
