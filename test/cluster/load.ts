import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { OWNER, STANDARD } from './objects.ts';
import type { Installation } from './self-installation.ts';

const INTERVAL_MS = 1000 / 20;

/** The goal is twenty a second. On a busy machine, a quarter of this is enough to show missed objects. */
const LEAST_PER_SECOND = 5;

/** The result of a load. */
export interface LoadResult {
  readonly created: number;
  /** The times, by `performance.now()`, at which an object was created with only one label. */
  readonly missed: readonly number[];
}

/**
 * Creates twenty objects a second, with either label in turn, until `stop`. Each call of the webhook needs a new connection:
 * on an open connection, the API server would not check the certificate.
 */
export class Load {
  #created = 0;
  readonly #stopping = new AbortController();
  readonly #running: Promise<LoadResult>;

  constructor(installation: Installation) {
    this.#running = this.#run(installation);
    // `stop` returns the error. Until then, Node must not report it as unhandled.
    this.#running.catch(() => {});
  }

  /** Waits until this many more objects have been created, each of them started after this call. */
  async next(count: number): Promise<void> {
    const enough = this.#created + 1 + count;
    await eventually(`${count} more objects`, async () => this.#created >= enough || undefined);
  }

  /** Ends the load. Rejects if an object could not be created, or if too few were. */
  stop(): Promise<LoadResult> {
    this.#stopping.abort();
    return this.#running;
  }

  async #run(installation: Installation): Promise<LoadResult> {
    const missed: number[] = [];
    const startedAt = performance.now();
    while (!this.#stopping.signal.aborted) {
      const at = performance.now();
      if (!(await installation.create(this.#created % 2 === 0 ? OWNER : STANDARD))) missed.push(at);
      this.#created += 1;
      await installation.relay.endConnections();
      await delay(Math.max(0, startedAt + this.#created * INTERVAL_MS - performance.now()));
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const created = this.#created;
    if (created / seconds < LEAST_PER_SECOND) throw new Error(`Cannot load: ${created} objects in ${seconds} s`);
    return { created, missed };
  }
}
