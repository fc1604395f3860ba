import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { scalarValue } from './yaml-scalar.ts';

/** A document of YAML, and what its aliases stand for. */
export interface YamlDocument {
  readonly contents: Node | null;
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly hasAnchors: boolean;
}

/** Why a text cannot be read, and where in it that shows. */
export interface Unreadable {
  readonly problem: string;
  readonly offset: number;
}

export type Mapping = YAMLMap<Node, Node | null>;

/**
 * Line ends that only some YAML parsers recognize, and control characters that none accepts: kubectl ends a line at U+0085,
 * U+2028 and U+2029, as in YAML 1.1; YAML 1.2 does not.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNCLEAR = /\r(?!\n)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]/;

/** Parses one document. */
export function parseYaml(text: string): YamlDocument | Unreadable {
  const unclear = UNCLEAR.exec(text);
  if (unclear) return { problem: unclearProblem(unclear[0]), offset: unclear.index };
  // Keep scalars as written, and duplicate keys: kubectl's rules are applied afterwards.
  const options = { schema: 'failsafe', prettyErrors: false, uniqueKeys: false, logLevel: 'silent' } as const;
  const document = parseDocument(text, options);
  const [error] = document.errors;
  return error ? { problem: error.message, offset: error.pos[0] } : resolveAliases(document);
}

function unclearProblem(character: string): string {
  if (character === '\r') return 'a carriage return without a line feed: save the file with LF or CRLF line ends';
  if (character === '\0') return 'a NUL character: save the file as UTF-8, or as UTF-16 with a byte order mark';
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return `the character U+${code}, which not every YAML parser reads the same way: write it as an escape in double quotes`;
}

function resolveAliases({ contents }: Document): YamlDocument | Unreadable {
  const anchored = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  let unresolved: Unreadable | undefined;
  visit(contents, {
    Alias(_key, alias, ancestors) {
      const target = anchored.get(alias.source);
      if (target && !ancestors.includes(target)) {
        targets.set(alias, target);
        return undefined;
      }
      const state = target ? 'is inside the node that it refers to' : 'has no anchor before it';
      unresolved = { problem: `the alias *${alias.source} ${state}`, offset: Number(alias.range?.[0]) };
      return visit.BREAK;
    },
    Value(_key, node) {
      if (node.anchor !== undefined) anchored.set(node.anchor, node);
    },
  });
  return unresolved ?? { contents, targets, hasAnchors: anchored.size > 0 };
}

/** Returns the value that kubectl reads from a node: the last duplicate key counts. Aliases share their value. */
export function readValue({ targets }: YamlDocument, root: Node | null): unknown {
  const shared = new Map<Node, unknown>();

  function read(node: Node | null | undefined): unknown {
    if (isAlias(node)) return read(targets.get(node));
    if (isScalar(node)) return scalarValue(node);
    if (!node) return null;
    if (shared.has(node)) return shared.get(node);
    return isSeq<Node>(node) ? readList(node.items, node) : readMapping(node as Mapping);
  }

  function readList(items: readonly Node[], node: Node): unknown[] {
    const list: unknown[] = [];
    shared.set(node, list);
    for (const item of items) list.push(read(item));
    return list;
  }

  function readMapping(mapping: Mapping): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    shared.set(mapping, record);
    for (const { key, value } of mapping.items) {
      if (isMergeKey(key)) merge(record, read(value));
      else set(record, String(read(key)), read(value));
    }
    return record;
  }
  return read(root);
}

/** In order, as goyaml.v2 does: a merge after a key replaces its value. */
function merge(record: Record<string, unknown>, merged: unknown): void {
  const sources = Array.isArray(merged) ? merged.toReversed() : [merged];
  for (const source of sources) {
    for (const [key, value] of Object.entries(source ?? {})) set(record, key, value);
  }
}

/** An own property, also one of the name `__proto__`. */
function set(record: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}

export function isMergeKey(key: Node): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN' && key.tag === undefined;
}

/** The pair that counts for a key: the last one. */
export function pairOf(mapping: Mapping, key: string): Mapping['items'][number] | undefined {
  return mapping.items.findLast((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** The value of a key or index in a node, or in what it is an alias of. */
export function childOf({ targets }: YamlDocument, node: Node | null, step: string | number): Node | null {
  const target = isAlias(node) ? targets.get(node) : node;
  const child = isSeq<Node>(target) ? target.items[Number(step)] : undefined;
  return (isMap<Node, Node | null>(target) ? pairOf(target, String(step))?.value : child) ?? null;
}
