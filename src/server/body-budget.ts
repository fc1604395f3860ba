/**
 * A budget of bytes for request bodies in flight. Who finds it spent waits, in order of arrival, before its body is read:
 * TCP then holds the sender back. An API server has up to 200 mutating requests in flight (its default), and whoever
 * reaches the port may open more: without a bound, memory would be theirs to spend.
 */
export class BodyBudget {
  readonly #limit: number;
  readonly #waiting = new Set<{ readonly bytes: number; readonly start: () => void }>();
  #inFlight = 0;

  /** @param limit in bytes; must be at least the largest body that is ever reserved for. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes reserved by those who have started and not yet released. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Calls `start` once there is room for `bytes`: at once, if so and nobody waits.
   *
   * Returns the function that gives the bytes back, or the place in the queue; it may be called more than once.
   */
  reserve(bytes: number, start: () => void): () => void {
    const entry = { bytes, start };
    this.#waiting.add(entry);
    this.#admit();

    let released = false;
    return () => {
      if (released) return;
      released = true;
      if (!this.#waiting.delete(entry)) this.#inFlight -= bytes;
      this.#admit();
    };
  }

  /** Nobody overtakes: a large body at the head would otherwise wait for as long as small ones keep coming. */
  #admit(): void {
    for (const entry of this.#waiting) {
      if (this.#inFlight + entry.bytes > this.#limit) return;
      this.#waiting.delete(entry);
      this.#inFlight += entry.bytes;
      entry.start();
    }
  }
}
