import type { Reading } from './reading.ts';
import type { Unreadable } from './yaml-document.ts';

/**
 * A part of a stream that is handled separately: a document, an item of a list, or the text around items. All pieces together
 * are the stream.
 */
export interface Piece {
  /** As it came (`Encoding`). */
  readonly raw: string;
  /** Undefined if there is nothing to review. */
  readonly content?: Content | Unreadable | undefined;
  /** Whether it is the last of its document. */
  readonly endsDocument: boolean;
}

/** Text that may have objects in it, and what was read of it. */
export interface Content {
  readonly text: string;
  readonly reading: Reading;
  /** For an item of a list: the kind that it may omit. */
  readonly kindOfItem?: string | undefined;
}

export const NOT_ENCODED: Unreadable = {
  problem: 'not valid UTF-8, or UTF-16 with a byte order mark',
  offset: 0,
};
