import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import { Exchange, isWhole } from './exchange.ts';
import type { BenchReview } from './reviews.ts';

export interface LoadOptions {
  readonly port: number;
  /** PEM: the only authorities to trust. */
  readonly ca: string;
  readonly connections: number;
  readonly review: BenchReview;
  /** What every request must be answered, where that is not the webhook's answer. */
  readonly constantAnswer?: string | undefined;
  /** How many requests to send in all; without it, until the load is closed. */
  readonly requests?: number;
}

/** What happened while a load was measured. */
export interface LoadWindow {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * A closed-loop load over TLS connections that are kept alive: each has one request on its way at any time, and sends the
 * next when it has checked the answer. Any answer but the right one is an error.
 *
 * Over bare sockets, so that this side is not what limits the server.
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
    // Whoever waits for it next is told; nobody may be waiting yet.
    this.#finished.promise.catch(() => undefined);
  }

  /** Connects, all connections at once, and begins to send. */
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

  /** Resolves when all requests are answered, if their number is limited; rejects when that cannot be, or takes too long. */
  async finished(): Promise<void> {
    const timer = setTimeout(() => this.#fail(new Error('the time is over')), TIMEOUT_MS);
    try {
      await this.#finished.promise;
    } finally {
      clearTimeout(timer);
    }
    this.#refuseWrongAnswers();
  }

  /** Measures what is answered from now on, for so long. */
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

  /** Ends all connections, whatever is on its way. */
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

/** Far longer than the largest burst takes. */
const TIMEOUT_MS = 60_000;
