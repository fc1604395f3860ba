import { once } from 'node:events';
import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { type ApiAnswer, answeredObject, answeredText } from './api-answer.ts';
import { ApiError } from './api-error.ts';
import { clockAheadMs } from './clock-comparison.ts';
import { limitConnecting } from './limit-connecting.ts';

/**
 * An API server that has not answered by then is as good as away. Its own limit is 60 s; what is asked for here are single
 * objects, and the caller is a replica that has something else to do, or a person.
 */
const TIMEOUT_MS = 5_000;

export interface ApiRequest {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** For what takes longer than all else. */
  readonly timeoutMs?: number;
  /** Called with what the answer says of this clock: by how many ms it is ahead; undefined when it does not say. */
  readonly onClock?: (aheadMs: number | undefined) => void;
}

/** A request on its way to be sent. */
export type CallOptions = RequestOptions & { headers: OutgoingHttpHeaders };

/** The way to an API server. */
export interface Connection {
  /** Its URL, with no slash at the end. */
  readonly server: string;
  /** Keeps its connections; for HTTPS without a proxy, the caller has one. */
  readonly agent?: http.Agent;
  /** The URL of the proxy on the way, for messages. */
  readonly proxy?: string | undefined;
  /** Adds the CA and the credentials, which may change at any time, and may take a person to get. */
  readonly authorize: (options: CallOptions) => Promise<void>;
  /** Has the credentials replaced that the API server has refused. */
  readonly renew?: (refused: CallOptions) => Promise<void>;
}

/**
 * Calls an API server. Objects come and go as JSON: nothing that the API server writes is lost to the models of an older
 * client.
 */
export class ApiCaller {
  readonly #connection: Connection;
  readonly #timeoutMs: number;
  readonly #requestTimeoutMs: number | undefined;
  /**
   * A connection for every request would take 150 KB each, not freed for hours where little else happens. Connections are
   * apart by CA and client certificate.
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
    throw new ApiError(`The API server did not answer GET ${request.path} with a list`, 200);
  }

  /** Has the next calls made by new connections: where there are several API servers, another one may answer. */
  reconnect(): void {
    this.#agent.destroy();
  }

  create<T>(request: ApiRequest, object: object): Promise<T> {
    return this.#send<T>('POST', request, 'application/json', object);
  }

  /** Server-side apply, by force: what is sent belongs to `fieldManager` from then on. */
  apply<T>({ path, query }: ApiRequest, fieldManager: string, object: object): Promise<T> {
    const all = { ...query, fieldManager, force: 'true', fieldValidation: 'Strict' };
    return this.#send<T>('PATCH', { path, query: all }, 'application/apply-patch+yaml', object);
  }

  /** Changes an object that exists, by JSON Patch (RFC 6902). */
  patch<T>(request: ApiRequest, operations: readonly object[]): Promise<T> {
    return this.#send<T>('PATCH', request, 'application/json-patch+json', operations);
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

  /** Before the time limit begins: to log in may take a person minutes. */
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
    // Not AbortSignal.timeout(): it goes on after the answer. Of a bulk of calls, 13,000 would wait at once.
    const limit = new AbortController();
    const abort = () => limit.abort(new Error(`no answer within ${timeoutMs / 1000} s`));
    const timer = setTimeout(abort, timeoutMs);
    const { signal } = limit;
    try {
      const { request } = url.protocol === 'http:' ? http : https;
      const sent = request(url, { agent: this.#agent, ...options, signal }).end(body);
      limitConnecting(sent, limit);
      // Aborted before there is a connection, a request itself says so only when there is one.
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

/** What OpenSSL says of a good certificate, too, if the clock here is wrong by as much as API servers' certificates live. */
const OUT_OF_DATE: readonly (string | undefined)[] = ['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED'];

/** Of several addresses that were tried, the first says enough. */
function causeMessage(error: NodeJS.ErrnoException): string {
  const { code, message } = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  return OUT_OF_DATE.includes(code) ? `${message} (the clock here says ${new Date().toISOString()})` : message;
}
