import { BACKDATE_MS } from '../../../src/certificates/renewal.ts';

/** The clock of a node, which may always be wrong, or for a while. It outlives the replicas on that node. */
export class NodeClock {
  #aheadMs: number;
  #wrongMs = 0;
  #wrongUntil = 0;
  /** When it was last corrected, in true time. */
  #setAt = 0;

  constructor(aheadMs: number) {
    this.#aheadMs = aheadMs;
  }

  /** By how many ms it is ahead at a given true time. */
  aheadMs(now: number): number {
    return now < this.#wrongUntil ? this.#wrongMs : this.#aheadMs;
  }

  /** Since when certificates allow the time it shows; undefined while they do not. */
  allowedSince(now: number): number | undefined {
    // Uses the constant of certificates, not the judgement of the program under test.
    if (Math.abs(this.aheadMs(now)) > BACKDATE_MS) return undefined;
    return Math.max(this.#wrongUntil, this.#setAt);
  }

  /** When it changes next without being set. */
  changesAt(now: number): number {
    return now < this.#wrongUntil ? this.#wrongUntil : Number.POSITIVE_INFINITY;
  }

  jump(aheadMs: number, until: number): void {
    this.#wrongMs = aheadMs;
    this.#wrongUntil = until;
  }

  set(now: number): void {
    this.#aheadMs = 0;
    this.#wrongUntil = 0;
    this.#setAt = now;
  }
}
