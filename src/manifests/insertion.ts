import { GATEWAY_LABELS, type Label } from '../admission/gateway.ts';

/** Text to insert. Nothing is ever removed. */
export interface Insertion {
  readonly offset: number;
  readonly added: string;
}

/** Why a label cannot be inserted. */
export interface Obstacle {
  readonly obstacle: string;
}

/** The label that another one is copied from. */
export function siblingKey({ key }: Label): string {
  const { standard, owner } = GATEWAY_LABELS;
  return key === standard ? owner : standard;
}

/** In one pass: a list that cannot be split may have thousands of objects. */
export function insert(text: string, insertions: readonly Insertion[]): string {
  let end = 0;
  const parts = insertions
    .toSorted((a, b) => a.offset - b.offset)
    .flatMap(({ offset, added }) => {
      const before = text.slice(end, offset);
      end = offset;
      return [before, added];
    });
  return parts.join('') + text.slice(end);
}

/** The offsets of a key and its value in a text; ends are exclusive. */
export interface Place {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** A line for a block mapping, after the one on which the sibling's value ends. */
export function blockInsertion(text: string, { keyStart, valueEnd }: Place, { key, value }: Label): Insertion {
  const added = `${indentOf(text, keyStart)}${key}: ${JSON.stringify(value)}`;
  const newline = text.indexOf('\n', valueEnd);
  if (newline === -1) return { offset: text.length, added: `${lineEndBefore(text, text.length)}${added}` };
  return { offset: newline + 1, added: `${added}${lineEndBefore(text, newline + 1)}` };
}

/** A member for a flow mapping or a JSON object, after the sibling, and in the same layout. */
export function flowInsertion(text: string, place: Place, { key, value }: Label): Insertion {
  const { keyStart, keyEnd, valueStart, valueEnd } = place;
  const isCompact = text.slice(keyEnd, valueStart) === ':';
  const gap = startsLine(text, keyStart)
    ? lineEndBefore(text, keyStart) + indentOf(text, keyStart)
    : isCompact
      ? ''
      : ' ';
  return { offset: valueEnd, added: `,${gap}${JSON.stringify(key)}:${isCompact ? '' : ' '}${JSON.stringify(value)}` };
}

/** Whether only blanks precede an offset on its line. */
export function startsLine(text: string, offset: number): boolean {
  return text.lastIndexOf('\n', offset - 1) !== -1 && /^[ \t]*$/.test(indentOf(text, offset));
}

function indentOf(text: string, offset: number): string {
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
}

/** The line end nearest before an offset. */
function lineEndBefore(text: string, offset: number): string {
  const newline = text.lastIndexOf('\n', offset - 1);
  return text[newline - 1] === '\r' ? '\r\n' : '\n';
}
