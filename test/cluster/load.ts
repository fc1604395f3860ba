import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { OWNER, STANDARD } from './objects.ts';
import type { Installation } from './self-installation.ts';

const INTERVAL_MS = 1000 / 20;

/** Twenty a second where there is time for it. On a machine with much else to do, a quarter shows as well who is missed. */
const LEAST_PER_SECOND = 5;

/** What came of a load. */
export interface LoadResult {
  readonly created: number;
  /** When an object came out with one label only, by `performance.now()`. */
  readonly missed: readonly number[];
}

/**
 * Creates twenty objects a second, of both directions by turns, until `stop`. Each call of the webhook has a connection
 * of its own: an API server that used an open one would not look at a certificate.
 */
export class Load {
  #created = 0;
  readonly #stopping = new AbortController();
  readonly #running: Promise<LoadResult>;

  constructor(installation: Installation) {
    this.#running = this.#run(installation);
    // Whoever stops it sees the error; until then it is nobody's.
    this.#running.catch(() => {});
  }

  /** Waits until so many more objects have been created, from begin to end. */
  async next(count: number): Promise<void> {
    const enough = this.#created + 1 + count;
    await eventually(`${count} more objects`, async () => this.#created >= enough || undefined);
  }

  /** Ends it; rejects where an object could not be created, or too few were. */
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
