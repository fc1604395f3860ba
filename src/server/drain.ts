import { setTimeout as sleep } from 'node:timers/promises';

export interface DrainOptions {
  /** Draining ends once no request has arrived for this long. */
  readonly quietMs: number;
  /** Draining ends after this long at the latest. */
  readonly graceMs: number;
}

/**
 * While draining, a new connection is kept for this long. If a Service has no other endpoint, kube-proxy routes new
 * connections back to the draining one: if they closed after one answer, each admission would need a 100 ms handshake. If it
 * has others, a second is much less than the quiet period, and new connections soon go there.
 */
const KEPT_MS = 1_000;

/**
 * Determines when a stopping server may close.
 *
 * The API server keeps using its open connections, and learns late that an endpoint is gone (Kubernetes issue 127335):
 * closing immediately would lose admissions. So the server keeps answering, with `Connection: close`, until it is quiet.
 */
export class Drain {
  readonly #options: DrainOptions;
  #draining = false;
  #lastRequestAt = 0;
  /** When connections were opened, for those opened while draining. */
  readonly #openedAt = new WeakMap<object, number>();

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Call it for each new connection. */
  onConnection(connection: object): void {
    if (this.#draining) this.#openedAt.set(connection, performance.now());
  }

  /** Call it for each request on a connection; returns true if the answer should say `Connection: close`. */
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
