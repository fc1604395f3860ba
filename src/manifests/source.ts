/** A stream of text with a position; text that was passed over is kept until it is taken. */
export class Source {
  readonly #chunks: AsyncIterator<string>;
  /** Passed over, of chunks before this one. */
  #passed: string[] = [];
  /** Where the text begins that is passed over but not taken. */
  #mark = 0;
  chunk = '';
  at = 0;

  constructor(chunks: AsyncIterable<string>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Passes over the rest of the chunk to the next one; false at the end of the stream. */
  async advance(): Promise<boolean> {
    const next = await this.#next();
    if (next === undefined) {
      this.at = this.chunk.length;
      return false;
    }
    this.#passed.push(this.chunk.slice(this.#mark));
    this.chunk = next;
    this.at = this.#mark = 0;
    return true;
  }

  /** Returns what lies ahead: this many characters, or all that are left. */
  async ahead(characters: number): Promise<string> {
    while (this.chunk.length - this.at < characters) {
      const next = await this.#next();
      if (next === undefined) break;
      this.#keepUntaken();
      this.chunk += next;
    }
    // No more, even if more is at hand: what is made of it must not depend on where chunks end.
    return this.chunk.slice(this.at, this.at + characters);
  }

  /** Returns the line ahead with its line end; empty at the end of the stream. */
  async line(): Promise<string> {
    const end = this.chunk.indexOf('\n', this.at);
    if (end !== -1) return this.chunk.slice(this.at, end + 1);
    this.#keepUntaken();
    // Parts, not one growing text: it would be searched and copied again for every chunk of a long line.
    const parts = [this.chunk];
    for (let next = await this.#next(); next !== undefined; next = await this.#next()) {
      parts.push(next);
      if (next.includes('\n')) break;
    }
    this.chunk = parts.join('');
    const lineEnd = this.chunk.indexOf('\n', this.at);
    return this.chunk.slice(this.at, lineEnd === -1 ? undefined : lineEnd + 1);
  }

  /** Passes over text that lies ahead in this chunk. */
  pass({ length }: string): void {
    this.at += length;
  }

  /** Returns the text that was passed over, which is then no longer at hand. */
  take(): string {
    const text = this.#passed.join('') + this.chunk.slice(this.#mark, this.at);
    this.#passed = [];
    this.#mark = this.at;
    return text;
  }

  /** Puts text that was taken last back, to be read again. */
  putBack(text: string): void {
    this.chunk = text + this.chunk.slice(this.at);
    this.at = this.#mark = 0;
  }

  #keepUntaken(): void {
    this.chunk = this.chunk.slice(this.#mark);
    this.at -= this.#mark;
    this.#mark = 0;
  }

  async #next(): Promise<string | undefined> {
    const { value, done } = await this.#chunks.next();
    return done ? undefined : value;
  }
}
