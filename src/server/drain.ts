import { setTimeout as sleep } from 'node:timers/promises';

export interface DrainOptions {
  /** Draining ends when no request has come for so long. */
  readonly quietMs: number;
  /** Draining ends after so long in any case. */
  readonly graceMs: number;
}

/**
 * While draining, a new connection is kept for this long. Where a Service has no other endpoint, kube-proxy leads new
 * connections back to the one that drains: closed after one answer, each admission would take a handshake of 100 ms.
 * Where it has others, a second is much less than the quiet period, and new connections soon lead there.
 */
const KEPT_MS = 1_000;

/**
 * Tells when a server that is to stop may close.
 *
 * The API server goes on sending over the connections it has, and learns late that an endpoint is gone (Kubernetes issue
 * 127335): closing at once would lose admissions. So the server answers as ever, with `Connection: close`, until it is quiet.
 */
export class Drain {
  readonly #options: DrainOptions;
  #draining = false;
  #lastRequestAt = 0;
  /** When connections were opened, of those that came while draining. */
  readonly #openedAt = new WeakMap<object, number>();

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** To be called for each new connection. */
  onConnection(connection: object): void {
    if (this.#draining) this.#openedAt.set(connection, performance.now());
  }

  /** To be called for each request on a connection; true when its answer is to say `Connection: close`. */
  onRequest(connection: object): boolean {
    if (!this.#draining) return false;
    this.#lastRequestAt = performance.now();
    const openedAt = this.#openedAt.get(connection);
    return openedAt === undefined || this.#lastRequestAt - openedAt >= KEPT_MS;
  }

  /** Starts draining; resolves when the server may close. */
  async start(): Promise<void> {
    this.#draining = true;
    this.#lastRequestAt = performance.now();
    const graceEndsAt = this.#lastRequestAt + this.#options.graceMs;
    for (;;) {
      const endsAt = Math.min(this.#lastRequestAt + this.#options.quietMs, graceEndsAt);
      const leftMs = endsAt - performance.now();
      if (leftMs <= 0) return;
      await sleep(leftMs);
    }
  }
}
