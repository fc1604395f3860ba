import { BACKDATE_MS } from '../../../src/certificates/renewal.ts';

/** The clock of a node, which may be wrong all the time, or for a while. It outlives the replicas that run there. */
export class NodeClock {
  #aheadMs: number;
  #wrongMs = 0;
  #wrongUntil = 0;
  /** When it was last set right, in true time. */
  #setAt = 0;

  constructor(aheadMs: number) {
    this.#aheadMs = aheadMs;
  }

  /** By how many ms it is ahead at a true time. */
  aheadMs(now: number): number {
    return now < this.#wrongUntil ? this.#wrongMs : this.#aheadMs;
  }

  /** Since when certificates allow what it shows; undefined while they do not. */
  allowedSince(now: number): number | undefined {
    // As certificates are made, not as the program judges.
    if (Math.abs(this.aheadMs(now)) > BACKDATE_MS) return undefined;
    return Math.max(this.#wrongUntil, this.#setAt);
  }

  /** When that changes by itself. */
  changesAt(now: number): number {
    return now < this.#wrongUntil ? this.#wrongUntil : Number.POSITIVE_INFINITY;
  }

  /** Goes wrong for a while. */
  jump(aheadMs: number, until: number): void {
    this.#wrongMs = aheadMs;
    this.#wrongUntil = until;
  }

  /** Somebody sets it right. */
  set(now: number): void {
    this.#aheadMs = 0;
    this.#wrongUntil = 0;
    this.#setAt = now;
  }
}
