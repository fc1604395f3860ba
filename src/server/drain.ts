import { setTimeout as sleep } from 'node:timers/promises';

export interface DrainOptions {
  /** Draining ends when no request has come for so long. */
  readonly quietMs: number;
  /** Draining ends after so long in any case. */
  readonly graceMs: number;
}

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

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** To be called for each request; true when its answer is to say `Connection: close`. */
  onRequest(): boolean {
    if (this.#draining) this.#lastRequestAt = performance.now();
    return this.#draining;
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
