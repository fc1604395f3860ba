import type { Field } from './json-field.ts';
import {
  AFTER_ITEM,
  AFTER_KEPT,
  AFTER_MEMBER,
  END,
  FIRST_ITEM,
  FIRST_KEPT_KEY,
  FIRST_KEY,
  KEPT_COLON,
  KEPT_KEY_TEXT,
  KEPT_SCALARS,
  KEPT_TEXT,
  KEPT_VALUE,
  mayEnd,
  OTHER_COLON,
  START,
} from './json-grammar.ts';
import {
  BEGIN_KEY,
  BEGIN_SCALAR,
  BEGIN_TEXT,
  END_KEY,
  END_TEXT,
  expectation,
  FIRST_ACTION,
  IS_PLAIN,
  isInCharacter,
  LAST_STRING,
  NEXT,
  OPEN_ARRAY,
  OPEN_OBJECT,
  REFUSED,
} from './json-states.ts';
import { JsonText } from './json-text.ts';
import { MOST_LEVELS, Nesting } from './nesting.ts';
import { SparseValue } from './sparse-value.ts';

/** Why a text is not JSON, and at which byte that shows. */
export interface JsonFault {
  readonly kind: 'json' | 'utf-8';
  readonly message: string;
}

/** The kept value of a literal, by its first letter; for a number it is 0. */
const LITERALS: ReadonlyMap<number, boolean | null> = new Map([
  [0x74, true],
  [0x66, false],
  [0x6e, null],
]);

/**
 * Reads JSON from chunks of any size, and only keeps the requested fields, so its memory is bounded.
 *
 * The result is that of `JSON.parse`, except that other fields are missing, strings are cut at `mostUnits`, each number is 0
 * and each array is empty, and that nothing is kept unless the whole is an object. What `JSON.parse` rejects is rejected, in
 * skipped parts as well; and so is nesting deeper than `MOST_LEVELS`.
 */
export class SparseJson {
  readonly #kept: SparseValue;
  readonly #text: JsonText;
  /** The nesting of skipped values. */
  readonly #nesting = new Nesting();
  #isTooDeep = false;
  #state = START;
  /** Where the current chunk begins. */
  #offset = 0;

  constructor(root: Field, mostUnits: number) {
    this.#kept = new SparseValue(root);
    this.#text = new JsonText(mostUnits);
  }

  /** The kept value: complete at the end of the text. */
  get value(): unknown {
    return this.#kept.value;
  }

  /** Reads a chunk. Returns a fault as soon as there is one; nothing can be read after that. */
  write(chunk: Buffer): JsonFault | undefined {
    const words = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    let state = this.#state;
    const { length } = chunk;
    for (let at = 0; at < length; at += 1) {
      let next = NEXT[(state << 8) | (chunk[at] as number)] as number;
      if (next <= LAST_STRING) {
        if (next === REFUSED) return this.#fault(state, this.#offset + at, chunk[at]);
        at = lastPlain(chunk, words, at, length);
      } else if (next >= FIRST_ACTION) {
        next = this.#act(next, state, chunk, at);
        if (next === REFUSED) return this.#fault(state, this.#offset + at, chunk[at]);
      }
      state = next;
    }
    this.#text.hold(chunk);
    this.#state = state;
    this.#offset += chunk.length;
    return undefined;
  }

  /** Call it at the end of the text. Returns a fault if the text must not end there. */
  end(): JsonFault | undefined {
    return mayEnd(this.#state) ? undefined : this.#fault(this.#state, this.#offset);
  }

  /** Performs the action for a byte. Returns the next state. */
  #act(action: number, state: number, chunk: Buffer, at: number): number {
    switch (action) {
      case BEGIN_KEY:
        this.#text.begin(at + 1);
        return KEPT_KEY_TEXT;
      case END_KEY:
        this.#text.end(chunk, at);
        return this.#kept.key(this.#text) ? KEPT_COLON : OTHER_COLON;
      case BEGIN_TEXT:
        this.#text.begin(at + 1);
        return KEPT_TEXT;
      case END_TEXT:
        this.#text.end(chunk, at);
        this.#kept.put(this.#text.decode());
        return AFTER_KEPT;
      case BEGIN_SCALAR:
        return this.#beginScalar(chunk[at] as number);
      case OPEN_OBJECT:
        return this.#openObject(state);
      case OPEN_ARRAY:
        if (state === KEPT_VALUE) this.#kept.put([]);
        return this.#nest(false) ? FIRST_ITEM : REFUSED;
      default:
        return this.#close();
    }
  }

  #beginScalar(first: number): number {
    const literal = LITERALS.get(first);
    this.#kept.put(literal === undefined ? 0 : literal);
    return KEPT_SCALARS.get(first) as number;
  }

  #openObject(state: number): number {
    if (state !== KEPT_VALUE && state !== START) return this.#nest(true) ? FIRST_KEY : REFUSED;
    this.#kept.openObject();
    return FIRST_KEPT_KEY;
  }

  #nest(isObject: boolean): boolean {
    this.#isTooDeep = !this.#nesting.open(isObject);
    return !this.#isTooDeep;
  }

  #close(): number {
    if (this.#nesting.depth === 0) this.#kept.closeObject();
    else this.#nesting.close();
    if (this.#nesting.depth > 0) return this.#nesting.isInObject ? AFTER_MEMBER : AFTER_ITEM;
    return this.#kept.isOpen ? AFTER_KEPT : END;
  }

  #fault(state: number, offset: number, byte?: number): JsonFault {
    const where = `at byte ${offset}${byte === undefined ? ', where it ends' : ''}`;
    if (isInCharacter(state) || (state <= LAST_STRING && Number(byte) >= 0x80)) {
      return { kind: 'utf-8', message: `the body is not valid UTF-8 ${where}` };
    }
    const why = this.#isTooDeep ? `nested more than ${MOST_LEVELS} levels deep` : `expected ${expectation(state)}`;
    return { kind: 'json', message: `the body is not valid JSON ${where}: ${why}` };
  }
}

/** Skips to the last of consecutive plain characters inside a string: four at a time, then one. */
function lastPlain(chunk: Buffer, words: DataView, at: number, length: number): number {
  let next = at + 1;
  while (next + 4 <= length && arePlain(words.getInt32(next))) next += 4;
  while (next < length && IS_PLAIN[chunk[next] as number] === 1) next += 1;
  return next - 1;
}

/**
 * True if four characters are plain; false says nothing. The sign bit of a byte is set if it is above 0x7f, below 0x20, a
 * quote or a backslash, but it may also be set by a borrow from the neighboring byte.
 */
function arePlain(four: number): boolean {
  const control = four - 0x20202020;
  const quote = (four ^ 0x22222222) - 0x01010101;
  const backslash = (four ^ 0x5c5c5c5c) - 0x01010101;
  return ((control | quote | backslash) & 0x80808080) === 0;
}
