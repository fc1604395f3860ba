import { once } from 'node:events';
import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { type ApiAnswer, answeredObject, answeredText } from './api-answer.ts';
import { ApiError } from './api-error.ts';
import { clockAheadMs } from './clock-comparison.ts';
import { limitConnecting } from './limit-connecting.ts';

/**
 * An API server that has not answered by then is considered unavailable. Its own limit is 60 s, but these are requests for
 * single objects, from a replica that has other work, or for a person who waits.
 */
const TIMEOUT_MS = 5_000;

export interface ApiRequest {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** For requests that take longer than others. */
  readonly timeoutMs?: number;
  /** Called with how many ms this clock is ahead, by the answer; undefined if the answer has no time. */
  readonly onClock?: (aheadMs: number | undefined) => void;
}

/** A request before it is sent. */
export type CallOptions = RequestOptions & { headers: OutgoingHttpHeaders };

/** The way to an API server. */
export interface Connection {
  /** Its URL, with no slash at the end. */
  readonly server: string;
  /** Keeps connections; not needed for HTTPS without a proxy. */
  readonly agent?: http.Agent;
  /** The URL of the proxy on the way, for messages. */
  readonly proxy?: string | undefined;
  /** Adds the CA and the credentials, which may change at any time, and may need a person to log in. */
  readonly authorize: (options: CallOptions) => Promise<void>;
  /** Replaces credentials that the API server refused. */
  readonly renew?: (refused: CallOptions) => Promise<void>;
}

/**
 * Calls an API server. Objects stay JSON: a typed client that is older than the API server would lose fields.
 */
export class ApiCaller {
  readonly #connection: Connection;
  readonly #timeoutMs: number;
  readonly #requestTimeoutMs: number | undefined;
  /**
   * A new connection for every request would take 150 KB, which an idle process does not free for hours. Connections are
   * separate by CA and client certificate.
   */
  readonly #agent: http.Agent;
  #hasAnswered = false;

  /** `requestTimeoutMs`: for each request, over all other limits. */
  constructor(connection: Connection, timeoutMs = TIMEOUT_MS, requestTimeoutMs?: number) {
    this.#connection = connection;
    this.#agent = connection.agent ?? new https.Agent({ keepAlive: true });
    this.#timeoutMs = timeoutMs;
    this.#requestTimeoutMs = requestTimeoutMs;
  }

  /** Whether there was ever an answer: then this is an API server, and it may come back if it is unavailable. */
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
    // A server that answers every request with some object must not look like an empty list.
    if ('items' in answered) return answered as T;
    throw new ApiError(`The API server did not answer GET ${request.path} with a list`, 200);
  }

  /** Uses new connections for the next calls: if there are several API servers, another one may answer. */
  reconnect(): void {
    this.#agent.destroy();
  }

  create<T>(request: ApiRequest, object: object): Promise<T> {
    return this.#send<T>('POST', request, 'application/json', object);
  }

  /** Server-side apply, with force: `fieldManager` owns the sent fields from then on. */
  apply<T>({ path, query }: ApiRequest, fieldManager: string, object: object): Promise<T> {
    const all = { ...query, fieldManager, force: 'true', fieldValidation: 'Strict' };
    return this.#send<T>('PATCH', { path, query: all }, 'application/apply-patch+yaml', object);
  }

  /** Changes an object that exists, by JSON Patch (RFC 6902). */
  patch<T>(request: ApiRequest, operations: readonly object[]): Promise<T> {
    return this.#send<T>('PATCH', request, 'application/json-patch+json', operations);
  }

  /** Returns any answer: for the API server's proxy. */
  post(request: ApiRequest, object: object): Promise<ApiAnswer> {
    return this.#call('POST', request, 'application/json', object);
  }

  /** For responses that are not objects, such as metrics. */
  async text(request: ApiRequest): Promise<string> {
    return answeredText(`GET ${request.path}`, await this.#call('GET', request));
  }

  async #send<T>(method: string, request: ApiRequest, contentType?: string, object?: object): Promise<T> {
    return answeredObject(`${method} ${request.path}`, await this.#call(method, request, contentType, object)) as T;
  }

  async #call(method: string, request: ApiRequest, contentType?: string, object?: object): Promise<ApiAnswer> {
    const { path, query = {}, accept } = request;
    const url = new URL(`${this.#connection.server}${path}`);
    url.search = new URLSearchParams(query).toString();
    const headers = {
      Accept: accept ?? 'application/json',
      'User-Agent': 'gateway-name-webhook',
      ...(contentType !== undefined && { 'Content-Type': contentType }),
    };
    const body = object && JSON.stringify(object);
    const refused = await this.#authorized({ method, headers: { ...headers } });
    const answer = await this.#answer(url, refused, request, body);
    if (answer.status !== 401 || !this.#connection.renew) return answer;
    await this.#connection.renew(refused);
    return this.#answer(url, await this.#authorized({ method, headers }), request, body);
  }

  /** Not subject to the time limit: a person may take minutes to log in. */
  async #authorized(options: CallOptions): Promise<CallOptions> {
    try {
      await this.#connection.authorize(options);
      return options;
    } catch (cause) {
      const message = `Cannot get credentials for ${this.#connection.server}: ${(cause as Error).message}`;
      throw new ApiError(message, 401, { cause });
    }
  }

  async #answer(
    url: URL,
    options: CallOptions,
    { timeoutMs: ownMs = this.#timeoutMs, onClock }: ApiRequest,
    body: string | undefined,
  ): Promise<ApiAnswer> {
    const timeoutMs = this.#requestTimeoutMs ?? ownMs;
    const before = Date.now();
    // Not AbortSignal.timeout(), which keeps running after the answer: bulk calls would have 13,000 timers at once.
    const limit = new AbortController();
    const abort = () => limit.abort(new Error(`no answer within ${timeoutMs / 1000} s`));
    const timer = setTimeout(abort, timeoutMs);
    const { signal } = limit;
    try {
      const { request } = url.protocol === 'http:' ? http : https;
      const sent = request(url, { agent: this.#agent, ...options, signal }).end(body);
      limitConnecting(sent, limit);
      // A request that is aborted before it has a connection only reports it once it has one.
      const [response] = (await once(sent, 'response', { signal })) as [IncomingMessage];
      const { statusCode, headers } = response;
      this.#hasAnswered = true;
      onClock?.(clockAheadMs({ before, after: Date.now(), date: headers.date }));
      return { status: Number(statusCode), retryAfter: headers['retry-after'], body: await text(response) };
    } catch (error) {
      const cause = signal.aborted ? signal.reason : error;
      const { server, proxy } = this.#connection;
      const way = proxy ? ` through the proxy ${proxy}` : '';
      const message = `Cannot reach the API server at ${server}${way}: ${causeMessage(cause)}`;
      throw new ApiError(message, undefined, { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** OpenSSL also reports these for a good certificate if the local clock is far off. */
const OUT_OF_DATE: readonly (string | undefined)[] = ['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED'];

/** If several addresses were tried, the message of the first one. */
function causeMessage(error: NodeJS.ErrnoException): string {
  const { code, message } = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  return OUT_OF_DATE.includes(code) ? `${message} (the clock here says ${new Date().toISOString()})` : message;
}
