/** An escape sequence: `\uXXXX`, or a backslash and a character. */
const ESCAPES = /\\(?:u([0-9A-Fa-f]{4})|(.))/g;

/** The escapes that do not stand for the character itself. */
const MEANINGS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const BACKSLASH = 0x5c;

/** The most that it takes to write one UTF-16 unit. */
const BYTES_PER_UNIT = '\\uXXXX'.length;

const NOTHING = Buffer.alloc(0);

/**
 * A string of a streamed JSON text, without its quotes. It is not copied if it lies in one chunk; otherwise, only as many
 * bytes are copied as the first `mostUnits` UTF-16 units can take.
 */
export class JsonText {
  readonly #mostUnits: number;
  readonly #mostBytes: number;
  #isOpen = false;
  /** What came in earlier chunks. */
  #held: Buffer = NOTHING;
  /** Where the rest begins in the present chunk. */
  #start = 0;
  #written: Buffer = NOTHING;
  #from = 0;
  #to = 0;

  constructor(mostUnits: number) {
    this.#mostUnits = mostUnits;
    this.#mostBytes = mostUnits * BYTES_PER_UNIT;
  }

  /** Begins at an offset of the present chunk. */
  begin(start: number): void {
    this.#isOpen = true;
    this.#start = start;
  }

  /** Call it at the end of each chunk: the chunk's memory may be reused after that. */
  hold(chunk: Buffer): void {
    if (!this.#isOpen) return;
    this.#held = this.#joined(chunk, chunk.length);
    this.#start = 0;
  }

  /** Ends before an offset of the current chunk. The text can be read until the next chunk comes. */
  end(chunk: Buffer, end: number): void {
    this.#isOpen = false;
    if (this.#held.length === 0) {
      this.#written = chunk;
      this.#from = this.#start;
      this.#to = end;
    } else {
      this.#written = this.#joined(chunk, end);
      this.#from = 0;
      this.#to = this.#written.length;
      this.#held = NOTHING;
    }
  }

  /** Reports whether the text is written with exactly these bytes. */
  isWritten(bytes: Uint8Array): boolean {
    if (this.#to - this.#from !== bytes.length) return false;
    for (let at = 0; at < bytes.length; at += 1) {
      if (this.#written[this.#from + at] !== bytes[at]) return false;
    }
    return true;
  }

  /** Reports whether the text contains escape sequences. */
  hasEscapes(): boolean {
    for (let at = this.#from; at < this.#to; at += 1) {
      if (this.#written[at] === BACKSLASH) return true;
    }
    return false;
  }

  /** The first `mostUnits` UTF-16 units of the text. */
  decode(): string {
    // A partial character or escape sequence at the end lies beyond the limit.
    const to = Math.min(this.#to, this.#from + this.#mostBytes);
    const text = this.#written.toString('utf8', this.#from, to);
    return (text.includes('\\') ? text.replace(ESCAPES, meaning) : text).slice(0, this.#mostUnits);
  }

  #joined(chunk: Buffer, end: number): Buffer {
    const missing = this.#mostBytes - this.#held.length;
    if (missing === 0) return this.#held;
    const added = chunk.subarray(this.#start, Math.min(end, this.#start + missing));
    // Not from Buffer's pool: a few bytes would keep a whole slab alive.
    const joined = Buffer.alloc(this.#held.length + added.length);
    joined.set(this.#held);
    joined.set(added, this.#held.length);
    return joined;
  }
}

function meaning(_sequence: string, hex: string | undefined, character: string): string {
  return hex === undefined ? (MEANINGS[character] ?? character) : String.fromCharCode(Number.parseInt(hex, 16));
}
