import { isAlias, isMap, isScalar, type Node } from 'yaml';
import type { Label } from '../admission/gateway.ts';
import { blockInsertion, flowInsertion, type Insertion, type Obstacle, siblingKey, startsLine } from './insertion.ts';
import type { Path } from './objects.ts';
import type { Addition, Reading } from './reading.ts';
import { sameButForLabels } from './yaml-comparison.ts';
import {
  childOf,
  isMergeKey,
  type Mapping,
  pairOf,
  parseYaml,
  readValue,
  type Unreadable,
  type YamlDocument,
} from './yaml-document.ts';

/** Turns a part of a document into a document: the text to prepend, and the path of its value in the result. */
export interface Frame {
  readonly before: string;
  readonly root: Path;
}

const WHOLE_DOCUMENT: Frame = { before: '', root: [] };

/** Reads a document of YAML, or a part of one. */
export function readYaml(text: string, frame: Frame = WHOLE_DOCUMENT): YamlReading | Unreadable {
  const document = parseYaml(frame.before + text);
  if ('problem' in document) return { ...document, offset: Math.max(0, document.offset - frame.before.length) };
  return new YamlReading(text, frame, document);
}

/** YAML that has been read. */
export class YamlReading implements Reading {
  readonly #text: string;
  readonly #frame: Frame;
  readonly #document: YamlDocument;
  readonly value: unknown;

  constructor(text: string, frame: Frame, document: YamlDocument) {
    this.#text = text;
    this.#frame = frame;
    this.#document = document;
    this.value = readValue(document, this.#node([]));
  }

  get hasAnchors(): boolean {
    return this.#document.hasAnchors;
  }

  offsetOf(path: Path): number {
    const starts = [...this.#nodes(path)].map((node) => Number(node?.range?.[0] ?? 0));
    return Math.max(0, Math.max(...starts) - this.#frame.before.length);
  }

  place({ path, label }: Addition): Insertion | Obstacle {
    const { before, root } = this.#frame;
    const steps = [...path, 'metadata', 'labels'];
    const names = ['the document', ...root, ...steps].values();
    for (const node of this.#nodes(steps)) {
      const obstacle = this.#obstacle(node);
      const { value: name } = names.next();
      if (obstacle !== undefined) return { obstacle: `${name} ${obstacle}` };
    }
    const place = placeBeside(before + this.#text, this.#node(steps) as Mapping, label);
    return 'obstacle' in place ? place : { ...place, offset: place.offset - before.length };
  }

  becomes(text: string, additions: readonly Addition[]): boolean {
    const after = parseYaml(this.#frame.before + text);
    if ('problem' in after) return false;
    const grown = new Map(additions.map(({ path, label }) => [this.#node([...path, 'metadata', 'labels']), label]));
    return sameButForLabels(this.#document.contents, after.contents, grown);
  }

  #node(path: Path): Node | null {
    let last: Node | null = null;
    for (const node of this.#nodes(path)) last = node;
    return last;
  }

  /** The nodes on the way to a path, from the document's root. */
  *#nodes(path: Path): Generator<Node | null> {
    let node = this.#document.contents;
    yield node;
    for (const step of [...this.#frame.root, ...path]) {
      node = childOf(this.#document, node, step);
      yield node;
    }
  }

  /** Why a change inside a node could change something else; undefined if it cannot. */
  #obstacle(node: Node | null): string | undefined {
    if (isAlias(node)) return `is the alias *${node.source}`;
    if (node?.tag !== undefined) return 'has a tag';
    if (this.#document.targets.values().some((target) => target === node))
      return `is shared by the anchor &${node?.anchor}`;
    if (isMap(node) && (node as Mapping).items.some(({ key }) => isMergeKey(key))) return 'has a merge key';
    return undefined;
  }
}

function placeBeside(text: string, labels: Mapping, label: Label): Insertion | Obstacle {
  const sibling = pairOf(labels, siblingKey(label));
  const [keyStart, keyEnd] = sibling?.key.range ?? [];
  const [valueStart, valueEnd] = sibling?.value?.range ?? [];
  if (keyStart === undefined || keyEnd === undefined || valueStart === undefined || valueEnd === undefined) {
    return { obstacle: `the key ${siblingKey(label)} is not written literally` };
  }
  const place = { keyStart, keyEnd, valueStart, valueEnd };
  if (labels.flow) return flowInsertion(text, place, label);
  if (!startsLine(text, keyStart)) return { obstacle: `the key ${siblingKey(label)} does not begin its line` };
  if (isScalar(sibling?.value) && sibling.value.type?.startsWith('BLOCK')) {
    return { obstacle: `the value of ${siblingKey(label)} is a block scalar` };
  }
  return blockInsertion(text, place, label);
}
