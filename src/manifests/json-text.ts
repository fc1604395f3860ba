import type { Path } from './objects.ts';

/** Finds the end of a JSON value whose text comes in pieces. It does not validate: JSON.parse does that. */
export class ValueEnd {
  #depth: number;
  #inString = false;
  #isEscaped = false;

  /** `depth`: how many enclosing objects and lists must also end. */
  constructor(depth = 0) {
    this.#depth = depth;
  }

  /** Reads from an offset. Returns the offset after the end of an object, list or string; -1 if it continues. */
  find(text: string, from: number): number {
    let at = from;
    while (at < text.length) {
      at = this.#inString ? this.#endOfString(text, at) : this.#structure(text, at);
      if (this.#depth <= 0 && !this.#inString) return at;
    }
    return -1;
  }

  /** Passes over text up to the start of a string, or to the end of the value. */
  #structure(text: string, from: number): number {
    let depth = this.#depth;
    let index = from;
    while (index < text.length && !this.#inString) {
      const code = text.charCodeAt(index);
      index += 1;
      if (code === QUOTE) this.#inString = true;
      else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        depth -= 1;
        if (depth <= 0) break;
      }
    }
    this.#depth = depth;
    return index;
  }

  #endOfString(text: string, from: number): number {
    let index = from + (this.#isEscaped ? 1 : 0);
    for (; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code === BACKSLASH) index += 1;
      else if (code === QUOTE) {
        this.#inString = false;
        index += 1;
        break;
      }
    }
    // A backslash at the end of the text escapes what comes next.
    this.#isEscaped = index > text.length;
    return index;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** A member of an object in a text of JSON, or an element of a list, which has no key. Ends are exclusive. */
export interface Member {
  readonly key: { readonly start: number; readonly end: number } | undefined;
  readonly start: number;
  readonly end: number;
}

/** Finds values in valid JSON. */
export class Members {
  readonly #text: string;
  readonly #whole: Member;
  /** The elements of lists, by path: each list is read once, however many of its elements are looked up. */
  readonly #elements = new Map<string, readonly Member[]>();

  /** Reads the value that begins at an offset. */
  constructor(text: string, start: number) {
    this.#text = text;
    this.#whole = { key: undefined, start, end: text.length };
  }

  /**
   * If keys are equal, the last one counts, as in JSON.parse and Go. Only a key that is written with escapes, after one that is
   * not, is overlooked.
   */
  find(path: Path): Member | undefined {
    const depth = path.findLastIndex((step) => typeof step === 'number');
    let found = depth === -1 ? this.#whole : this.#elementsOf(path.slice(0, depth))[Number(path[depth])];
    for (const key of path.slice(depth + 1)) found &&= lastOf(this.#text, found, String(key));
    return found;
  }

  #elementsOf(path: Path): readonly Member[] {
    const name = JSON.stringify(path);
    let elements = this.#elements.get(name);
    if (!elements) {
      const list = this.find(path);
      elements = list ? [...membersOf(this.#text, list.start)] : [];
      this.#elements.set(name, elements);
    }
    return elements;
  }
}

function lastOf(text: string, { start, end }: Member, key: string): Member | undefined {
  let last: Member | undefined;
  for (const member of membersOf(text, start)) {
    if (member.key && JSON.parse(text.slice(member.key.start, member.key.end)) === key) last = member;
    // Searching for another one is much faster than parsing the rest.
    if (last && !text.slice(last.end, end).includes(JSON.stringify(key))) break;
  }
  return last;
}

/** What is in an object or a list that begins at an offset; nothing of any other value. */
function* membersOf(text: string, offset: number): Generator<Member> {
  const isObject = text[offset] === '{';
  if (!isObject && text[offset] !== '[') return;
  let at = skip(SPACE, text, offset + 1);
  while (text[at] !== '}' && text[at] !== ']') {
    let key: Member['key'];
    if (isObject) {
      key = { start: at, end: endOf(text, at) };
      at = skip(SPACE, text, skip(SPACE, text, key.end) + 1);
    }
    const end = endOf(text, at);
    yield { key, start: at, end };
    at = skip(SPACE_AND_COMMA, text, end);
  }
}

const SPACE = /[ \t\r\n]*/y;
const SPACE_AND_COMMA = /[ \t\r\n,]*/y;
const SCALAR = /[^ \t\r\n,}\]]*/y;

function endOf(text: string, start: number): number {
  return /["{[]/.test(text.charAt(start)) ? new ValueEnd().find(text, start) : skip(SCALAR, text, start);
}

function skip(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  pattern.test(text);
  return pattern.lastIndex;
}
