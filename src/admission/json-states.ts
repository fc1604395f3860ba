/**
 * The states of a JSON scanner, as a table that is filled here. The states of strings and other scalars are the same wherever
 * they occur.
 */

/** Not a state: invalid bytes lead here. */
export const REFUSED = 0;

/** Actions start here: for these, the scanner determines the next state. */
export const FIRST_ACTION = 240;
export const BEGIN_KEY = 240;
export const END_KEY = 241;
export const BEGIN_TEXT = 242;
export const END_TEXT = 243;
export const BEGIN_SCALAR = 244;
export const OPEN_OBJECT = 245;
export const OPEN_ARRAY = 246;
export const CLOSE = 247;

/** The next state or action, at `state << 8 | byte`. */
export const NEXT = new Uint8Array(FIRST_ACTION << 8);

/** The bytes of a string that mean themselves. */
export const IS_PLAIN = new Uint8Array(256).fill(1, 0x20, 0x80);
IS_PLAIN[0x22] = 0;
IS_PLAIN[0x5c] = 0;

/** What a state expects, for error messages. */
const EXPECTED: string[] = [];
const CHARACTER = 'the rest of a UTF-8 character';

/** States inside strings come first: most bytes are read there, and `state <= LAST_STRING` is a fast test. */
export const LAST_STRING = 7;
let strings = REFUSED;
let states = LAST_STRING;

function newState(expected: string): number {
  states += 1;
  EXPECTED[states] = expected;
  return states;
}

/** Makes bytes lead from a state to another state, or to an action. */
export function on(state: number, bytes: Iterable<number>, next: number): void {
  for (const byte of bytes) NEXT[(state << 8) | byte] = next;
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
export const bytesOf = (ascii: string) => [...ascii].map((character) => character.charCodeAt(0));

/** A state between the parts of a text. */
export function between(expected: string): number {
  const state = newState(expected);
  on(state, bytesOf(' \t\n\r'), state);
  return state;
}

/** The inside of a string, whose closing quote leads to `end`. */
export function stringState(end: number): number {
  strings += 1;
  const inside = strings;
  EXPECTED[inside] = 'the rest of a string, with control characters escaped';
  for (const [byte, isPlain] of IS_PLAIN.entries()) if (isPlain) on(inside, [byte], inside);
  on(inside, bytesOf('"'), end);

  const escaped = newState('one of "\\/bfnrtu after a backslash');
  on(inside, bytesOf('\\'), escaped);
  on(escaped, bytesOf('"\\/bfnrt'), inside);
  let next = inside;
  for (let digit = 0; digit < 4; digit += 1) {
    const state = newState('four hexadecimal digits after \\u');
    on(state, bytesOf('0123456789abcdefABCDEF'), next);
    next = state;
  }
  on(escaped, bytesOf('u'), next);

  characterStates(inside);
  return inside;
}

/** Characters of several bytes: no overlong forms, no surrogates, none above U+10FFFF. */
function characterStates(inside: number): void {
  const tail = (first: number, last: number, next: number) => {
    const state = newState(CHARACTER);
    on(state, range(first, last), next);
    return state;
  };
  const last = tail(0x80, 0xbf, inside);
  const lastTwo = tail(0x80, 0xbf, last);
  on(inside, range(0xc2, 0xdf), last);
  on(inside, range(0xe1, 0xef), lastTwo);
  on(inside, [0xe0], tail(0xa0, 0xbf, last));
  on(inside, [0xed], tail(0x80, 0x9f, last));
  on(inside, [0xf0], tail(0x90, 0xbf, lastTwo));
  on(inside, range(0xf1, 0xf3), tail(0x80, 0xbf, lastTwo));
  on(inside, [0xf4], tail(0x80, 0x8f, lastTwo));
}

/** The insides of numbers and literals, by their first byte. */
export function scalarStates(after: number): ReadonlyMap<number, number> {
  const byFirst = new Map<number, number>();
  const digits = bytesOf('0123456789');
  const unfinished = () => newState('a digit');
  /** A number ends where what comes after it begins. */
  const finished = () => {
    const state = newState(String(EXPECTED[after]));
    NEXT.copyWithin(state << 8, after << 8, (after + 1) << 8);
    return state;
  };
  const [minus, point, exponent, sign] = [unfinished(), unfinished(), unfinished(), unfinished()];
  const [zero, integer, fraction, power] = [finished(), finished(), finished(), finished()];
  for (const state of [minus, integer]) on(state, digits, integer);
  on(minus, bytesOf('0'), zero);
  for (const state of [zero, integer]) on(state, bytesOf('.'), point);
  for (const state of [point, fraction]) on(state, digits, fraction);
  for (const state of [zero, integer, fraction]) on(state, bytesOf('eE'), exponent);
  on(exponent, bytesOf('+-'), sign);
  for (const state of [exponent, sign, power]) on(state, digits, power);
  for (const digit of digits) byFirst.set(digit, integer);
  byFirst.set(0x30, zero).set(0x2d, minus);

  for (const literal of ['true', 'false', 'null']) {
    let next = after;
    for (const letter of bytesOf(literal).slice(1).reverse()) {
      const state = newState('the rest of true, false or null');
      on(state, [letter], next);
      next = state;
    }
    byFirst.set(literal.charCodeAt(0), next);
  }
  return byFirst;
}

export function beginContainers(state: number): void {
  on(state, bytesOf('{'), OPEN_OBJECT);
  on(state, bytesOf('['), OPEN_ARRAY);
}

/** Skipped values: the table alone reads them, except for containers. `before` are the states before them. */
export function leftOut(before: readonly number[], after: number): void {
  const inside = stringState(after);
  const byFirst = scalarStates(after);
  for (const state of before) {
    on(state, bytesOf('"'), inside);
    for (const [first, next] of byFirst) on(state, [first], next);
    beginContainers(state);
  }
}

/** Says what a state expects. */
export function expectation(state: number): string {
  return String(EXPECTED[state]);
}

/** Reports whether a state is inside a multi-byte character. */
export function isInCharacter(state: number): boolean {
  return EXPECTED[state] === CHARACTER;
}
