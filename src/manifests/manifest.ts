import type { Reverse } from '../admission/gateway.ts';
import type { EncodedStream, Encoding } from './encoding.ts';
import { type Insertion, insert } from './insertion.ts';
import { type ReviewedObject, reviewObjects } from './objects.ts';
import type { Content, Piece } from './pieces.ts';
import type { Addition } from './reading.ts';
import { Source } from './source.ts';
import { splitJson } from './split-json.ts';
import { splitYaml } from './split-yaml.ts';

/** Why a document, or an object in it, cannot be reviewed or labeled. */
export interface Problem {
  /** The line in the stream, counted from 1. */
  readonly line: number;
  readonly problem: string;
}

/** A part of a stream, and the rule's decisions about its objects. Joined, the texts of all parts are the stream. */
export interface ReviewedPart {
  /** The line of its document, counted from 1. */
  readonly document: number;
  readonly objects: readonly ReviewedObject[];
  readonly problems: readonly Problem[];
  /** As it came (`Encoding`). */
  readonly raw: string;
  /** The line on which an object begins. */
  readonly lineOf: (object: Pick<ReviewedObject, 'path'>) => number;
  /** Adds the missing labels and changes nothing else; an object that this cannot be done for stays as it came. */
  readonly label: () => LabelledPart;
}

interface LabelledPart {
  readonly raw: string;
  readonly problems: readonly Problem[];
}

/** How much to look ahead to classify a document: more than the text before the first item of a list. */
const HEAD_CHARACTERS = 64 * 1024;

/** Reviews manifests as they come. Memory is bounded by the longest document, or the longest item of a list. */
export async function* reviewManifests(
  { encoding, chunks }: EncodedStream,
  reverse: Reverse,
): AsyncGenerator<ReviewedPart> {
  const source = new Source(chunks);
  let document = 1;
  let line = 1;
  for await (const piece of splitPieces(source, encoding)) {
    yield reviewPiece(piece, { encoding, reverse, document, line });
    line += lineEnds(piece.raw, piece.raw.length);
    if (piece.endsDocument) document += 1;
  }
}

async function* splitPieces(source: Source, encoding: Encoding): AsyncGenerator<Piece> {
  for (;;) {
    const head = await source.ahead(HEAD_CHARACTERS);
    if (head === '') return;
    if (!(yield* splitJson(source, encoding, head))) yield* splitYaml(source, encoding, head);
  }
}

interface Surroundings {
  readonly encoding: Encoding;
  readonly reverse: Reverse;
  readonly document: number;
  readonly line: number;
}

function reviewPiece({ raw, content }: Piece, { encoding, reverse, document, line }: Surroundings): ReviewedPart {
  const base = { document, raw, label: () => ({ raw, problems: [] }), lineOf: () => line };
  if (!content) return { ...base, objects: [], problems: [] };
  const lineAt = (text: string, offset: number) => line + lineEnds(text, offset);
  if ('problem' in content) {
    // Raw text has the same line ends, and (almost) the same number of them before an offset.
    const { problem, offset } = content;
    return { ...base, objects: [], problems: [{ line: lineAt(encoding.read(raw) ?? raw, offset), problem }] };
  }
  const { text, reading, kindOfItem } = content;
  const { objects, problems } = reviewObjects(reading.value, reverse, kindOfItem);
  return {
    ...base,
    objects,
    problems: problems.map(({ message, path }) => ({ line: lineAt(text, reading.offsetOf(path)), problem: message })),
    lineOf: ({ path }) => lineAt(text, reading.offsetOf(path)),
    label: () => {
      const labelled = labelObjects(content, objects);
      return {
        // What is inserted is ASCII: where raw text and text were the same, they still are.
        raw: text === raw ? labelled.text : encoding.write(labelled.text),
        problems: labelled.problems.map(({ offset, problem }) => ({ line: lineAt(text, offset), problem })),
      };
    },
  };
}

function labelObjects({ text, reading }: Content, objects: readonly ReviewedObject[]) {
  const additions: Addition[] = [];
  const insertions: Insertion[] = [];
  const problems: { offset: number; problem: string }[] = [];
  for (const { path, decision } of objects) {
    if (!decision.add) continue;
    const addition = { path, label: decision.add };
    const place = reading.place(addition);
    if ('obstacle' in place) {
      problems.push({ offset: reading.offsetOf(path), problem: cannotAdd(addition, place.obstacle) });
    } else {
      additions.push(addition);
      insertions.push(place);
    }
  }
  const labelled = insert(text, insertions);
  if (additions.length === 0 || reading.becomes(labelled, additions)) return { text: labelled, problems };
  for (const addition of additions) {
    const problem = cannotAdd(addition, 'the result would not parse as the same object with one more label');
    problems.push({ offset: reading.offsetOf(addition.path), problem });
  }
  return { text, problems };
}

function cannotAdd({ label: { key, value } }: Addition, obstacle: string): string {
  return `cannot add ${key}: ${JSON.stringify(value)}, ${obstacle}; left unchanged: add it by hand`;
}

function lineEnds(text: string, end: number): number {
  let count = 0;
  for (let index = text.indexOf('\n'); index !== -1 && index < end; index = text.indexOf('\n', index + 1)) count += 1;
  return count;
}
