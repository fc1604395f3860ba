import { isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Label } from '../admission/gateway.ts';

type Part = Node | Pair<Node, Node | null> | null;

/**
 * Whether two documents differ by exactly one label in each of some mappings. Compares the source, without resolving aliases.
 */
export function sameButForLabels(before: Part, after: Part, grown: ReadonlyMap<Part, Label>): boolean {
  if (!same(before, after)) return false;
  const label = grown.get(before);
  const parts = partsOf(before);
  const partsAfter = label ? without(partsOf(after), label) : partsOf(after);
  return (
    parts.length === partsAfter?.length &&
    parts.every((part, index) => sameButForLabels(part, partsAfter[index] ?? null, grown))
  );
}

/** Whether two nodes are the same, whatever is in them. */
function same(before: Part, after: Part): boolean {
  if (isScalar(before) && isScalar(after)) {
    return before.value === after.value && before.type === after.type && sameProperties(before, after);
  }
  if (isAlias(before) && isAlias(after)) return before.source === after.source;
  if ((isMap(before) && isMap(after)) || (isSeq(before) && isSeq(after))) return sameProperties(before, after);
  return (isPair(before) && isPair(after)) || (before === null && after === null);
}

interface Properties {
  readonly tag?: string | undefined;
  readonly anchor?: string | undefined;
}

function sameProperties(before: Properties, after: Properties): boolean {
  return before.tag === after.tag && before.anchor === after.anchor;
}

function partsOf(part: Part): readonly Part[] {
  if (isMap(part) || isSeq(part)) return part.items as Part[];
  return isPair<Node, Node | null>(part) ? [part.key, part.value] : [];
}

/** The pairs of a mapping without the label, if it is written as a string; undefined if it is not there. */
function without(pairs: readonly Part[], label: Label): readonly Part[] | undefined {
  const index = pairs.findIndex((pair) => isPair<Node, Node | null>(pair) && isLabel(pair, label));
  return index === -1 ? undefined : pairs.toSpliced(index, 1);
}

function isLabel(pair: Pair<Node, Node | null>, { key, value }: Label): boolean {
  const { value: written } = pair;
  return (
    isScalar(pair.key) &&
    pair.key.value === key &&
    isScalar(written) &&
    written.value === value &&
    written.type === 'QUOTE_DOUBLE'
  );
}
