import type { Field } from './json-field.ts';
import {
  AFTER_ITEM,
  AFTER_KEPT,
  AFTER_MEMBER,
  BEGIN_KEY,
  BEGIN_SCALAR,
  BEGIN_TEXT,
  END,
  END_KEY,
  END_TEXT,
  expectation,
  FIRST_ACTION,
  FIRST_ITEM,
  FIRST_KEPT_KEY,
  FIRST_KEY,
  IS_PLAIN,
  isInCharacter,
  KEPT_COLON,
  KEPT_KEY_TEXT,
  KEPT_SCALARS,
  KEPT_TEXT,
  KEPT_VALUE,
  LAST_STRING,
  mayEnd,
  NEXT,
  OPEN_ARRAY,
  OPEN_OBJECT,
  OTHER_COLON,
  REFUSED,
  START,
} from './json-grammar.ts';
import { JsonText } from './json-text.ts';
import { MOST_LEVELS, Nesting } from './nesting.ts';
import { SparseValue } from './sparse-value.ts';

/** Why a text is not JSON, and at which byte that shows. */
export interface JsonFault {
  readonly kind: 'json' | 'utf-8';
  readonly message: string;
}

/** What is kept of a literal, by its first letter; of a number it is 0. */
const LITERALS: ReadonlyMap<number, boolean | null> = new Map([
  [0x74, true],
  [0x66, false],
  [0x6e, null],
]);

/**
 * Reads JSON from bytes as they come, in chunks of any size, and keeps only the fields that it is asked for: its memory
 * has a bound, whatever the text.
 *
 * What comes out is what `JSON.parse` gives, but that other fields are left out, strings are cut at `mostUnits`, each
 * number is 0 and each array is empty; and that nothing is kept unless all is an object. What `JSON.parse` refuses is
 * refused, in what is left out, too; and so is nesting deeper than `MOST_LEVELS`.
 */
export class SparseJson {
  readonly #kept: SparseValue;
  readonly #text: JsonText;
  /** Of what is left out. */
  readonly #nesting = new Nesting();
  #isTooDeep = false;
  #state = START;
  /** Where the present chunk begins. */
  #offset = 0;

  constructor(root: Field, mostUnits: number) {
    this.#kept = new SparseValue(root);
    this.#text = new JsonText(mostUnits);
  }

  /** What is kept: of the whole text, once that has come to its end. */
  get value(): unknown {
    return this.#kept.value;
  }

  /** Reads on. Returns what is wrong as soon as that is certain; nothing can be read after that. */
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

  /** To be called where the text is over. Returns what is wrong with that. */
  end(): JsonFault | undefined {
    return mayEnd(this.#state) ? undefined : this.#fault(this.#state, this.#offset);
  }

  /** Does what a byte asks for. Returns the next state. */
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

/** Goes on to the last of the plain characters that follow one another inside of a string: four at a time, then one. */
function lastPlain(chunk: Buffer, words: DataView, at: number, length: number): number {
  let next = at + 1;
  while (next + 4 <= length && arePlain(words.getInt32(next))) next += 4;
  while (next < length && IS_PLAIN[chunk[next] as number] === 1) next += 1;
  return next - 1;
}

/**
 * Tells that four characters are plain. False says nothing: the sign bit of each byte is set by what is above 0x7f, below
 * 0x20, a quote or a backslash, but may be borrowed from the byte beside it, too.
 */
function arePlain(four: number): boolean {
  const control = four - 0x20202020;
  const quote = (four ^ 0x22222222) - 0x01010101;
  const backslash = (four ^ 0x5c5c5c5c) - 0x01010101;
  return ((four | control | quote | backslash) & 0x80808080) === 0;
}
