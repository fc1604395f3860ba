import type { Encoding } from './encoding.ts';
import { endOfReview, type ListHeader, listHeader, listProblem, needsKind } from './list.ts';
import { itemKind } from './objects.ts';
import { type Content, NOT_ENCODED, type Piece } from './pieces.ts';
import type { Source } from './source.ts';
import type { Unreadable } from './yaml-document.ts';
import { beginsItem, passDocument, passItem } from './yaml-lines.ts';
import { type Frame, readYaml, type YamlReading } from './yaml-reading.ts';

/**
 * The beginning of a List as clients of the API server write it, up to its first item, with the indentation of that. There is one way
 * only to match an indented line: most documents are no Lists, and a pattern that tries every way takes hours for twenty labels.
 */
const LIST_HEADER =
  /(?:---[ \t]*(?:#.*)?\r?\n)?(?:(?:[ \t]*(?:#.*)?|(?:apiVersion|kind):[ \t]+[A-Za-z0-9./]+[ \t]*|metadata:(?:[ \t]*\{\}[ \t]*)?(?:\r?\n .*)*(?!\r?\n ))\r?\n)*items:[ \t]*(?:#.*)?\r?\n(?:[ \t]*(?:#.*)?\r?\n)*(?=( *)-[ \t\r\n])/y;

/** An item is a document with this before it. */
const ITEM: Frame = { before: 'items:\n', root: ['items', 0] };

interface YamlContent extends Content {
  readonly reading: YamlReading;
}

/** Splits the document of YAML ahead, whose beginning is `head`: a List into its items, anything else not at all. */
export async function* splitYaml(source: Source, encoding: Encoding, head: string): AsyncGenerator<Piece> {
  const list = listAhead(head, encoding);
  if (list) {
    yield* splitList(source, encoding, list);
  } else {
    await passDocument(source);
    yield wholePiece(source.take(), encoding);
  }
}

function listAhead(head: string, encoding: Encoding): SplitList | undefined {
  LIST_HEADER.lastIndex = 0;
  const found = LIST_HEADER.exec(head);
  if (!found) return undefined;
  const [header] = found;
  const content = read(header, encoding);
  const list = 'problem' in content ? undefined : listHeader(content.reading.value);
  return list && { header, indent: String(found[1]), list };
}

interface SplitList {
  readonly header: string;
  readonly indent: string;
  readonly list: ListHeader;
}

/** Splits a List at the indentation of its items. Each item is then read separately, and checked. */
async function* splitList(
  source: Source,
  encoding: Encoding,
  { header, indent, list }: SplitList,
): AsyncGenerator<Piece> {
  source.pass(header);
  yield { raw: source.take(), endsDocument: false };
  while (beginsItem(await source.line(), indent)) {
    await passItem(source, indent);
    const raw = source.take();
    const content = read(raw, encoding, ITEM);
    if ('problem' in content) {
      yield { raw, content: endOfReview(content), endsDocument: false };
      await passDocument(source, true);
      yield { raw: source.take(), endsDocument: true };
      return;
    }
    // An alias may refer to any anchor before it.
    if (content.reading.hasAnchors || needsKind(list, content.reading.value)) {
      await passDocument(source, true);
      yield wholePiece(raw + source.take(), encoding, header);
      return;
    }
    yield { raw, content: { ...content, kindOfItem: list.kind && itemKind(list.kind) }, endsDocument: false };
  }
  await passDocument(source, true);
  const raw = source.take();
  const rest = read(raw, encoding, { before: header, root: [] });
  yield { raw, content: 'problem' in rest ? rest : listProblem(rest.reading.value), endsDocument: true };
}

function wholePiece(raw: string, encoding: Encoding, before = ''): Piece {
  return { raw, content: read(raw, encoding, { before, root: [] }), endsDocument: true };
}

function read(raw: string, encoding: Encoding, frame?: Frame): YamlContent | Unreadable {
  const text = encoding.read(raw);
  if (text === undefined) return NOT_ENCODED;
  const reading = readYaml(text, frame);
  return 'problem' in reading ? reading : { text, reading };
}
