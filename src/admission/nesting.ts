/**
 * JSON itself has no limit; the API server's is 10,000 (sigs.k8s.io/json). This many levels take 16 KiB; without a limit,
 * 8 MiB of `[` would take 1 MiB on each of hundreds of connections.
 */
export const MOST_LEVELS = 128 * 1024;

/** More than API objects have. */
const LEVELS_AT_FIRST = 64;

/** A stack of the open arrays and objects, one bit each: clients choose its depth. */
export class Nesting {
  #isObject = new Uint8Array(LEVELS_AT_FIRST / 8);
  #depth = 0;

  get depth(): number {
    return this.#depth;
  }

  /** Whether the innermost is an object. */
  get isInObject(): boolean {
    const top = this.#depth - 1;
    return ((this.#isObject[top >> 3] as number) & (1 << (top & 7))) !== 0;
  }

  /** Opens one more. Returns false if that exceeds the limit. */
  open(isObject: boolean): boolean {
    if (this.#depth === MOST_LEVELS) return false;
    const index = this.#depth >> 3;
    if (index === this.#isObject.length) this.#grow();
    const bit = 1 << (this.#depth & 7);
    const byte = this.#isObject[index] as number;
    this.#isObject[index] = isObject ? byte | bit : byte & ~bit;
    this.#depth += 1;
    return true;
  }

  close(): void {
    this.#depth -= 1;
  }

  #grow(): void {
    const grown = new Uint8Array(this.#isObject.length * 2);
    grown.set(this.#isObject);
    this.#isObject = grown;
  }
}
