import {
  BEGIN_KEY,
  BEGIN_SCALAR,
  BEGIN_TEXT,
  beginContainers,
  between,
  bytesOf,
  CLOSE,
  END_KEY,
  END_TEXT,
  leftOut,
  NEXT,
  on,
  scalarStates,
  stringState,
} from './json-states.ts';

/**
 * JSON (RFC 8259) in UTF-8 (RFC 3629) as a table: for each state and byte, the next state or an action of the scanner. For
 * skipped values, only nesting needs an action; for kept values, the scanner must know where each part begins and ends.
 */

const KEY_OR_END = 'a key in quotes or "}"';
const KEY = 'a key in quotes';
const MORE_MEMBERS = '"," or "}"';

/** Before and after the value that is the text. */
export const START = between('a value');
export const END = between('nothing more');
leftOut([START], END);

/** In a kept object; the values of some of its keys are kept, too. */
export const FIRST_KEPT_KEY = between(KEY_OR_END);
const keptKey = between(KEY);
export const KEPT_COLON = between('":"');
export const OTHER_COLON = between('":"');
export const KEPT_VALUE = between('a value');
const otherValue = between('a value');
export const AFTER_KEPT = between(MORE_MEMBERS);
on(FIRST_KEPT_KEY, bytesOf('"'), BEGIN_KEY);
on(FIRST_KEPT_KEY, bytesOf('}'), CLOSE);
on(keptKey, bytesOf('"'), BEGIN_KEY);
on(KEPT_COLON, bytesOf(':'), KEPT_VALUE);
on(OTHER_COLON, bytesOf(':'), otherValue);
on(AFTER_KEPT, bytesOf(','), keptKey);
on(AFTER_KEPT, bytesOf('}'), CLOSE);
export const KEPT_KEY_TEXT = stringState(END_KEY);
export const KEPT_TEXT = stringState(END_TEXT);
export const KEPT_SCALARS = scalarStates(AFTER_KEPT);
on(KEPT_VALUE, bytesOf('"'), BEGIN_TEXT);
on(KEPT_VALUE, KEPT_SCALARS.keys(), BEGIN_SCALAR);
beginContainers(KEPT_VALUE);
leftOut([otherValue], AFTER_KEPT);

/** In a skipped object. */
export const FIRST_KEY = between(KEY_OR_END);
const key = between(KEY);
const colon = between('":"');
const value = between('a value');
export const AFTER_MEMBER = between(MORE_MEMBERS);
const keyText = stringState(colon);
on(FIRST_KEY, bytesOf('"'), keyText);
on(FIRST_KEY, bytesOf('}'), CLOSE);
on(key, bytesOf('"'), keyText);
on(colon, bytesOf(':'), value);
on(AFTER_MEMBER, bytesOf(','), key);
on(AFTER_MEMBER, bytesOf('}'), CLOSE);
leftOut([value], AFTER_MEMBER);

/** In an array. */
export const FIRST_ITEM = between('a value or "]"');
const item = between('a value');
export const AFTER_ITEM = between('"," or "]"');
on(AFTER_ITEM, bytesOf(','), item);
on(AFTER_ITEM, bytesOf(']'), CLOSE);
leftOut([FIRST_ITEM, item], AFTER_ITEM);
on(FIRST_ITEM, bytesOf(']'), CLOSE);

/** Reports whether the text may end in a state: only white space could follow. */
export function mayEnd(state: number): boolean {
  return NEXT[(state << 8) | 0x20] === END;
}
