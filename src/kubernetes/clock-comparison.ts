/** A Date header (RFC 9110, section 6.6.1) is truncated to whole seconds. */
const RESOLUTION_MS = 1_000;

/** An answer: the local time before and after it, in ms since the epoch, and its Date header. */
export interface DatedAnswer {
  readonly before: number;
  readonly after: number;
  readonly date: string | undefined;
}

/**
 * By how many ms this clock is ahead of the server's, negative if behind; undefined if the answer has no date.
 *
 * It is the smallest difference that explains the answer, which was written at some moment between the two readings: neither a
 * slow answer nor a clock that is set in between looks like a wrong clock.
 */
export function clockAheadMs({ before, after, date = '' }: DatedAnswer): number | undefined {
  const theirs = Date.parse(date);
  // Date.parse accepts almost any text. The header must have this format.
  if (Number.isNaN(theirs) || new Date(theirs).toUTCString() !== date) return undefined;
  const ahead = Math.min(before, after) - (theirs + RESOLUTION_MS);
  const behind = theirs - Math.max(before, after);
  if (ahead > 0) return ahead;
  return behind > 0 ? -behind : 0;
}
