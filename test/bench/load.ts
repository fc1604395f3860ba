import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import { Exchange, isWhole } from './exchange.ts';
import type { BenchReview } from './reviews.ts';

export interface LoadOptions {
  readonly port: number;
  /** PEM: the only CAs to trust. */
  readonly ca: string;
  readonly connections: number;
  readonly review: BenchReview;
  /** The expected answer to every request; by default, the webhook's answer. */
  readonly constantAnswer?: string | undefined;
  /** The total number of requests; by default, requests are sent until close(). */
  readonly requests?: number;
}

export interface LoadWindow {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * A closed-loop load over TLS connections with keep-alive: each connection has one request in flight, and sends the next one
 * after it has checked the answer. Any other answer than the expected one is an error.
 *
 * It uses plain sockets, so that the client is not the bottleneck.
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #sockets: TLSSocket[] = [];
  readonly #latencies = createHistogram();
  readonly #finished = Promise.withResolvers<void>();
  #sent = 0;
  #answered = 0;
  #wrong = 0;
  #firstWrong = '';
  #closing = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    // A rejection before anything awaits the promise must not end the process; later awaits still see it.
    this.#finished.promise.catch(() => undefined);
  }

  start(): void {
    const { port, ca, connections, review, constantAnswer } = this.#options;
    const secureContext = createSecureContext({ ca });
    for (let index = 0; index < connections; index += 1) {
      const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', secureContext });
      this.#sockets.push(socket);
      socket.setNoDelay(true);
      socket.on('error', (error) => this.#fail(error));
      socket.on('close', () => this.#fail(new Error('the server closed a connection')));
      this.#converse(socket, new Exchange(review, constantAnswer));
    }
  }

  /** Resolves when all requests are answered, if their number is limited; rejects after an error or a timeout. */
  async finished(): Promise<void> {
    const timer = setTimeout(() => this.#fail(new Error(`timeout after ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
    try {
      await this.#finished.promise;
    } finally {
      clearTimeout(timer);
    }
    this.#refuseWrongAnswers();
  }

  /** Measures throughput and latency for this long, starting now. */
  async measure(ms: number): Promise<LoadWindow> {
    this.#latencies.reset();
    const answeredBefore = this.#answered;
    const startedAt = performance.now();
    await Promise.race([sleep(ms), this.#finished.promise]);
    const seconds = (performance.now() - startedAt) / 1000;
    this.#refuseWrongAnswers();
    return {
      requests: this.#answered - answeredBefore,
      seconds,
      p50Ms: this.#latencies.percentile(50) / NS_PER_MS,
      p99Ms: this.#latencies.percentile(99) / NS_PER_MS,
    };
  }

  /** Closes all connections, even those with a request in flight. */
  close(): void {
    this.#closing = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #converse(socket: TLSSocket, exchange: Exchange): void {
    let sentAt = 0;
    let received = Buffer.alloc(0);
    const send = () => {
      if (this.#closing || this.#sent === this.#options.requests) return;
      this.#sent += 1;
      sentAt = performance.now();
      socket.write(exchange.nextRequest());
    };
    socket.once('secureConnect', send);
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      if (!isWhole(received)) return;

      this.#latencies.record(Math.round((performance.now() - sentAt) * NS_PER_MS));
      const problem = exchange.problem(received);
      if (problem !== undefined) {
        this.#wrong += 1;
        this.#firstWrong ||= problem;
      }
      received = Buffer.alloc(0);
      this.#answered += 1;
      if (this.#answered === this.#options.requests) this.#finished.resolve();
      else send();
    });
  }

  #fail(error: Error): void {
    if (this.#closing) return;
    const message = `Cannot go on after ${this.#answered} answers${this.#wrongAnswers()}: ${error.message}`;
    this.#finished.reject(new Error(message, { cause: error }));
  }

  #refuseWrongAnswers(): void {
    if (this.#wrong > 0) throw new Error(`Cannot go on after ${this.#answered} answers${this.#wrongAnswers()}`);
  }

  #wrongAnswers(): string {
    return this.#wrong === 0 ? '' : `, ${this.#wrong} of them wrong (the first: ${this.#firstWrong})`;
  }
}

const NS_PER_MS = 1e6;

/** Much longer than the largest burst takes. */
const TIMEOUT_MS = 60_000;
