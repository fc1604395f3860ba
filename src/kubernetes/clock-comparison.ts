/** A Date header (RFC 9110, section 6.6.1) has whole seconds; what is beyond them is cut off. */
const RESOLUTION_MS = 1_000;

/** An answer: what this clock showed before and after it, in ms since the epoch, and its Date header. */
export interface DatedAnswer {
  readonly before: number;
  readonly after: number;
  readonly date: string | undefined;
}

/**
 * By how many ms this clock is ahead of the one of who answered, negative when it is behind; undefined when the answer does
 * not say.
 *
 * It is the least that explains the answer, which was written at some moment between the two readings: neither one that
 * takes long, nor a clock that is set meanwhile, is mistaken for a wrong clock.
 */
export function clockAheadMs({ before, after, date = '' }: DatedAnswer): number | undefined {
  const theirs = Date.parse(date);
  // Date.parse makes a time of most texts. This is the form that the header must have.
  if (Number.isNaN(theirs) || new Date(theirs).toUTCString() !== date) return undefined;
  const ahead = Math.min(before, after) - (theirs + RESOLUTION_MS);
  const behind = theirs - Math.max(before, after);
  if (ahead > 0) return ahead;
  return behind > 0 ? -behind : 0;
}
