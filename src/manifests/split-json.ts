import type { Encoding } from './encoding.ts';
import { readJson } from './json-reading.ts';
import { ValueEnd } from './json-text.ts';
import { endOfReview, type ListHeader, listHeader, listProblem, needsKind } from './list.ts';
import { itemKind } from './objects.ts';
import { type Content, NOT_ENCODED, type Piece } from './pieces.ts';
import type { Source } from './source.ts';
import type { Unreadable } from './yaml-document.ts';
import { passDocument } from './yaml-lines.ts';

/**
 * What may stand before an object of JSON, and how one begins. There is one way only to match blanks and line ends: a pattern
 * that tries every split of them takes hours for fifty.
 */
const OBJECT_START =
  /(?:\u00ef\u00bb\u00bf|\ufeff)?(?:---(?=[ \t\r\n]))?[ \t\r\n]*(?:#[^\n]*\n[ \t\r\n]*)*(?=\{[ \t\r\n]*["}])/y;

/** The beginning of a List as the API server and its clients write it, up to its first item. */
const LIST_HEADER =
  /\{\s*(?:(?:"(?:apiVersion|kind)"\s*:\s*"[^"\\]*"|"metadata"\s*:\s*\{[^{}]*\})\s*,\s*)*"items"\s*:\s*\[\s*(?=\{)/y;

/**
 * Splits the object of JSON ahead, whose beginning is `head`: a List into its items, anything else not at all. Returns false where
 * the text ahead is no JSON, and leaves it there.
 */
export async function* splitJson(source: Source, encoding: Encoding, head: string): AsyncGenerator<Piece, boolean> {
  OBJECT_START.lastIndex = 0;
  const before = OBJECT_START.exec(head)?.[0];
  if (before === undefined) return false;
  LIST_HEADER.lastIndex = before.length;
  const header = LIST_HEADER.exec(head)?.[0];
  const list = header === undefined ? undefined : listHeader(readJson(`${header}]}`, 0)?.value);
  if (header !== undefined && list && (yield* splitList(source, encoding, { before, header, list }))) return true;

  source.pass(before);
  await passValue(source, new ValueEnd());
  await passLineEnd(source);
  const raw = source.take();
  const content = read(raw, encoding, before.length);
  if (content) yield { raw, content, endsDocument: true };
  else source.putBack(raw);
  return content !== undefined;
}

interface SplitList {
  readonly before: string;
  readonly header: string;
  readonly list: ListHeader;
}

/** Splits a List. Returns false, and leaves all where it was, if its first item does not show that it is one. */
async function* splitList(
  source: Source,
  encoding: Encoding,
  { before, header, list }: SplitList,
): AsyncGenerator<Piece, boolean> {
  const kindOfItem = list.kind && itemKind(list.kind);
  source.pass(before + header);
  const begin = source.take();
  const first = await takeItem(source, encoding, '');
  if (!first || 'problem' in first.content || needsKind(list, first.content.reading.value)) {
    source.putBack(begin + (first?.raw ?? source.take()));
    return false;
  }
  yield { raw: begin, endsDocument: false };
  for (let item: Item | undefined = first; item; item = await takeItem(source, encoding, ',')) {
    const { raw, content } = item;
    if ('problem' in content) {
      yield { raw, content: endOfReview(content), endsDocument: false };
      await passDocument(source, true);
      yield { raw: source.take(), endsDocument: true };
      return true;
    }
    yield { raw, content: { ...content, kindOfItem }, endsDocument: false };
  }
  // The list, and the object around it.
  await passValue(source, new ValueEnd(2));
  await passLineEnd(source);
  const raw = source.take();
  const rest = readJson(header + raw, 0);
  yield { raw, content: rest ? listProblem(rest.value) : NOT_JSON, endsDocument: true };
  return true;
}

interface Item {
  readonly raw: string;
  readonly content: Content | Unreadable;
}

/** Takes an object, and what separates it from the one before; undefined if something else comes. */
async function takeItem(source: Source, encoding: Encoding, separator: '' | ','): Promise<Item | undefined> {
  if (!(await passItem(source))) return undefined;
  const raw = source.take();
  const start = raw.indexOf('{');
  const isSeparated = raw.slice(0, start).trim() === separator;
  return { raw, content: (isSeparated && read(raw, encoding, start)) || { ...NOT_JSON, offset: start } };
}

const NOT_JSON: Unreadable = { problem: 'not valid JSON', offset: 0 };

async function passItem(source: Source): Promise<boolean> {
  const gap = /[ \t\r\n,]*/y;
  do {
    gap.lastIndex = source.at;
    gap.test(source.chunk);
    source.at = gap.lastIndex;
  } while (source.at === source.chunk.length && (await source.advance()));
  return source.chunk[source.at] === '{' && (await passValue(source, new ValueEnd()));
}

/** Passes over a value; false if the stream ends before it. */
async function passValue(source: Source, end: ValueEnd): Promise<boolean> {
  for (;;) {
    const offset = end.find(source.chunk, source.at);
    if (offset !== -1) {
      source.at = offset;
      return true;
    }
    if (!(await source.advance())) return false;
  }
}

async function passLineEnd(source: Source): Promise<void> {
  const [rest = ''] = /^[ \t]*\r?\n/.exec(await source.ahead(LINE_END_CHARACTERS)) ?? [];
  source.pass(rest);
}

/** More blanks than these after an object belong to the next document. */
const LINE_END_CHARACTERS = 16;

function read(raw: string, encoding: Encoding, start: number): Content | Unreadable | undefined {
  const text = encoding.read(raw);
  if (text === undefined) return NOT_ENCODED;
  const reading = readJson(text, start);
  return reading && { text, reading };
}
