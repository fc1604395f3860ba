import {
  type Document,
  isDocument,
  isMap,
  isNode,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { GATEWAY_LABELS, type Label, type Reverse } from '../admission/gateway.ts';
import type { SourceDocument } from './documents.ts';
import { type ManifestError, type Path, type ReviewedObject, reviewObjects } from './objects.ts';

/** A reviewed document: what the rule says of each object, or why and where it cannot be read. */
export type ReviewedDocument =
  | { readonly objects: readonly ReviewedObject[]; readonly labelled: () => string }
  | { readonly problem: string; readonly line: number };

/** Reviews one document. `labelled()` returns its text with the missing labels added and nothing else changed. */
export function reviewDocument({ text, line }: SourceDocument, reverse: Reverse): ReviewedDocument {
  // JSON's own parser is many times faster; what it refuses may still be YAML.
  const json = text.trimStart().startsWith('{') ? parseJson(text) : undefined;
  if (json !== undefined) return reviewValue(json, () => parseYaml(text));

  const document = parseYaml(text);
  const [error] = document.errors;
  if (error) return { problem: error.message, line: lineAt(text, error.pos[0], line) };
  return reviewValue(document, () => document);

  function reviewValue(value: unknown, parsed: () => Document.Parsed): ReviewedDocument {
    try {
      // yaml throws where an alias refers to nothing, or would grow without end.
      const objects = reviewObjects(isDocument(value) ? value.toJS() : value, reverse);
      return { objects, labelled: () => addLabels(text, objects) };
    } catch (error) {
      const { message, path = [] } = error as Error & Partial<ManifestError>;
      return { problem: message, line: lineAt(text, offsetOf(parsed(), path), line) };
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseYaml(text: string): Document.Parsed {
  const isJson = text.trimStart().startsWith('{');
  // Merge keys are YAML 1.1, and kubectl takes them. In JSON, the last of two equal keys counts.
  return parseDocument(text, { merge: true, prettyErrors: false, uniqueKeys: !isJson, logLevel: 'silent' });
}

function lineAt(text: string, offset: number, firstLine: number): number {
  return firstLine + text.slice(0, offset).split('\n').length - 1;
}

/** Where in the text a value begins, or the innermost around it that can be found. */
function offsetOf(document: Document.Parsed, path: Path): number {
  const around = path.map((_, depth) => document.getIn(path.slice(0, depth + 1), true));
  const starts = [document.contents, ...around].filter(isNode).map(({ range }) => Number(range?.[0]));
  return Math.max(0, ...starts);
}

function addLabels(text: string, objects: readonly ReviewedObject[]): string {
  const missing = objects.flatMap(({ path, decision }) => (decision.add ? [{ path, label: decision.add }] : []));
  if (missing.length === 0) return text;

  const document = parseYaml(text);
  const insertions = missing.map(({ path, label }) => insertion(text, document, path, label));
  if (hasAliases(document) || insertions.includes(undefined)) return rewritten(document, missing);
  return insertions
    .filter((place) => place !== undefined)
    .toSorted((a, b) => b.offset - a.offset)
    .reduce((result, { offset, added }) => result.slice(0, offset) + added + result.slice(offset), text);
}

interface Insertion {
  readonly offset: number;
  readonly added: string;
}

/** What to write where so that a label stands beside the one it is a copy of; undefined where that is not so simple. */
function insertion(text: string, document: Document.Parsed, path: Path, { key }: Label): Insertion | undefined {
  const labels = document.getIn([...path, 'metadata', 'labels'], true);
  if (!isMap(labels)) return undefined;
  const sibling = (labels as YAMLMap<Scalar, Node>).items.findLast(isGatewayLabel);
  const [keyStart, keyEnd] = sibling?.key.range ?? [];
  const [valueStart, valueEnd] = sibling?.value?.range ?? [];
  if (keyStart === undefined || keyEnd === undefined || valueStart === undefined || valueEnd === undefined)
    return undefined;

  const indent = text.slice(text.lastIndexOf('\n', keyStart - 1) + 1, keyStart);
  const startsLine = indent.trim() === '';
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const colon = text.slice(keyEnd, valueStart);
  const isQuoted = text[keyStart] === '"';
  const label = `${isQuoted ? JSON.stringify(key) : key}${colon}${text.slice(valueStart, valueEnd)}`;

  if (labels.flow) {
    const gap = startsLine ? lineEnd + indent : colon.slice(1);
    return { offset: valueEnd, added: `,${gap}${label}` };
  }
  // An explicit key (`? key`), an anchor, a value of several lines: legal, and nobody writes labels so.
  if (!startsLine || !/^ *: +$/.test(colon) || text.slice(valueStart, valueEnd).includes('\n')) return undefined;
  const newline = text.indexOf('\n', valueEnd);
  if (newline === -1) return { offset: text.length, added: lineEnd + indent + label };
  return { offset: newline + 1, added: indent + label + lineEnd };
}

function isGatewayLabel({ key }: Pair<Scalar, Node | null>): boolean {
  return Object.values<unknown>(GATEWAY_LABELS).includes(key.value);
}

function hasAliases(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias() {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

/**
 * Writes the document anew, with a copy in the place of each alias: else a label added to one object would appear, by
 * way of an anchor, in whatever else refers to it. Comments stay.
 */
function rewritten(document: Document.Parsed, missing: readonly { path: Path; label: Label }[]): string {
  visit(document, {
    Alias: (_key, alias) => (alias.resolve(document) as Node).clone() as Node,
  });
  visit(document, {
    Value(_key, node) {
      delete node.anchor;
    },
  });
  for (const { path, label } of missing) {
    // Quoted: kubectl's parser would take some label values for booleans or numbers.
    const value = Object.assign(new Scalar(label.value), { type: Scalar.QUOTE_DOUBLE });
    document.setIn([...path, 'metadata', 'labels', label.key], value);
  }
  return document.toString({ lineWidth: 0 });
}
