import { isRecord } from '../admission/review.ts';
import type { Unreadable } from './yaml-document.ts';

/** A List as far as it is known before its first item. */
export interface ListHeader {
  readonly kind: string | undefined;
}

/**
 * Decides from the text before a list's items whether to handle them one by one. Its kind may come after the items, but it must
 * be a List: nothing else in v1 has items.
 */
export function listHeader(header: unknown): ListHeader | undefined {
  if (!isRecord(header) || header['apiVersion'] !== 'v1') return undefined;
  const { kind } = header;
  if (kind === undefined) return { kind };
  return typeof kind === 'string' && kind.endsWith('List') ? { kind } : undefined;
}

/** Whether an item has no kind, and the list has not named it yet. */
export function needsKind({ kind }: ListHeader, item: unknown): boolean {
  return kind === undefined && isRecord(item) && item['kind'] === undefined;
}

/** Problems that show at the end of a list; `list` is the mapping without the items that were handled. */
export function listProblem(list: unknown): Unreadable | undefined {
  const { kind, items } = list as Record<string, unknown>;
  if (Array.isArray(items) && items.length > 0) return { problem: 'items appears twice', offset: 0 };
  if (typeof kind === 'string' && kind.endsWith('List')) return undefined;
  return { problem: `kind is ${JSON.stringify(kind) ?? 'missing'}, expected a List`, offset: 0 };
}

/** The problem of an item after which the next items cannot be found. */
export function endOfReview({ problem, offset }: Unreadable): Unreadable {
  return { problem: `${problem} (the rest of this document is not reviewed)`, offset };
}
