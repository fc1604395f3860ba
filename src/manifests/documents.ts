/** One document of a stream, with all the text that belongs to it: separators and comments, too. */
export interface SourceDocument {
  /** Joined, the texts of all documents are the stream. */
  readonly text: string;
  /** Counted from 1. */
  readonly number: number;
  /** The line of the stream on which the text begins, counted from 1. */
  readonly line: number;
}

/** `---` or `...` at the start of a line ends a document (YAML 1.2.2, section 9.1), even inside of a scalar. */
const MARKER = /^(?:---|\.\.\.)(?=\s|$)/;

/**
 * Splits a stream into documents as they come, so that a stream of any length takes the memory of its longest document.
 *
 * A document that starts with a brace ends with the brace's partner: JSON needs no separator (as kubectl reads it).
 */
export async function* splitDocuments(chunks: AsyncIterable<string>): AsyncGenerator<SourceDocument> {
  const splitter = new Splitter();
  for await (const line of splitLines(chunks)) yield* splitter.take(line);
  yield* splitter.end();
}

/** Decodes a stream of UTF-8. Throws a TypeError on bytes that are none. */
export async function* decodeUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** Yields lines with their line ends. */
async function* splitLines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let pending: string[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      yield pending.join('') + chunk.slice(start, end + 1);
      pending = [];
      start = end + 1;
    }
    pending.push(chunk.slice(start));
  }
  yield pending.join('');
}

class Splitter {
  #parts: string[] = [];
  #number = 1;
  #line = 1;
  #braces = new Braces();

  *take(line: string): Generator<SourceDocument> {
    const marker = MARKER.exec(line)?.[0];
    if (marker === '---') yield* this.end();
    yield* this.#takeContent(line);
    if (marker === '...') yield* this.end();
  }

  /** Ends the document at hand, if there is any text of it. */
  *end(): Generator<SourceDocument> {
    const text = this.#parts.join('');
    if (text === '') return;
    yield { text, number: this.#number, line: this.#line };
    this.#number += 1;
    this.#line += text.split('\n').length - 1;
    this.#parts = [];
    this.#braces = new Braces();
  }

  *#takeContent(line: string): Generator<SourceDocument> {
    const end = this.#braces.read(line);
    if (end === undefined) {
      this.#parts.push(line);
      return;
    }
    const rest = line.slice(end);
    const another = rest.trim() !== '';
    this.#parts.push(another ? line.slice(0, end) : line);
    yield* this.end();
    if (another) yield* this.#takeContent(rest);
  }
}

/** Follows the braces of a document that starts with one. */
class Braces {
  #depth = 0;
  #inString = false;
  #state: 'before' | 'inside' | 'none' = 'before';

  /** Returns the offset after the brace that ends the document; undefined while it goes on. */
  read(line: string): number | undefined {
    if (this.#state === 'before') this.#begin(line);
    if (this.#state !== 'inside') return undefined;
    for (const { 0: character, index } of line.matchAll(/\\.|["{}]/g)) {
      if (character === '"') this.#inString = !this.#inString;
      if (this.#inString) continue;
      if (character === '{') this.#depth += 1;
      if (character === '}') this.#depth -= 1;
      if (character === '}' && this.#depth === 0) return index + 1;
    }
    return undefined;
  }

  #begin(line: string): void {
    const content = line.replace(/^\uFEFF?(?:---)?/, '').trim();
    if (content === '' || content.startsWith('#')) return;
    this.#state = content.startsWith('{') ? 'inside' : 'none';
  }
}
