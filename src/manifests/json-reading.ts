import { flowInsertion, type Insertion, type Obstacle, siblingKey } from './insertion.ts';
import { Members } from './json-text.ts';
import type { Path } from './objects.ts';
import type { Addition, Reading } from './reading.ts';

/** Reads JSON that begins at an offset; undefined if there is none. */
export function readJson(text: string, start: number): JsonReading | undefined {
  const value = parse(text.slice(start));
  return value === undefined ? undefined : new JsonReading(text, start, value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A value of JSON that has been read. */
class JsonReading implements Reading {
  readonly #text: string;
  readonly #start: number;
  readonly #members: Members;
  readonly value: unknown;

  constructor(text: string, start: number, value: unknown) {
    this.#text = text;
    this.#start = start;
    this.#members = new Members(text, start);
    this.value = value;
  }

  offsetOf(path: Path): number {
    if (path.length === 0) return this.#start;
    return this.#members.find(path)?.start ?? this.offsetOf(path.slice(0, -1));
  }

  place({ path, label }: Addition): Insertion | Obstacle {
    const sibling = this.#members.find([...path, 'metadata', 'labels', siblingKey(label)]);
    if (!sibling?.key) return { obstacle: `the key ${siblingKey(label)} is not found` };
    const { key, start, end } = sibling;
    const place = { keyStart: key.start, keyEnd: key.end, valueStart: start, valueEnd: end };
    return flowInsertion(this.#text, place, label);
  }

  becomes(text: string, additions: readonly Addition[]): boolean {
    const after = parse(text.slice(this.#start));
    for (const { path, label } of additions) {
      const labels = [...path, 'metadata', 'labels'].reduce((value, step) => Object(value)[step], after) as object;
      if (Reflect.get(Object(labels), label.key) !== label.value) return false;
      Reflect.deleteProperty(labels, label.key);
    }
    return isSame(after, this.value);
  }
}

function isSame(a: unknown, b: unknown): boolean {
  try {
    return haveSameParts(a, b);
  } catch {
    // Unlike JSON.parse, it is recursive.
    return false;
  }
}

/** Compares values of JSON part by part, which takes less than to write both as text. Keys must have the same order. */
function haveSameParts(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  const others = Object.keys(b);
  return (
    keys.length === others.length && keys.every((key, index) => key === others[index] && haveSameParts(a[key], b[key]))
  );
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
