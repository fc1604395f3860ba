import { isRecord } from '../admission/review.ts';
import type { Unreadable } from './yaml-document.ts';

/** A List as far as it is known before its first item. */
export interface ListHeader {
  readonly kind: string | undefined;
}

/**
 * Judges what stands before the items of a list: whether to handle them one by one. Its kind may come after them, but then they are
 * of some List: nothing else of v1 has items.
 */
export function listHeader(header: unknown): ListHeader | undefined {
  if (!isRecord(header) || header['apiVersion'] !== 'v1') return undefined;
  const { kind } = header;
  if (kind === undefined) return { kind };
  return typeof kind === 'string' && kind.endsWith('List') ? { kind } : undefined;
}

/** Whether an item leaves its kind to a list that has not named it so far. */
export function needsKind({ kind }: ListHeader, item: unknown): boolean {
  return kind === undefined && isRecord(item) && item['kind'] === undefined;
}

/** What turns out to be wrong with a list at its end; `list` is the mapping without the items that were handled. */
export function listProblem(list: unknown): Unreadable | undefined {
  const { kind, items } = list as Record<string, unknown>;
  if (Array.isArray(items) && items.length > 0) return { problem: 'items appears twice', offset: 0 };
  if (typeof kind === 'string' && kind.endsWith('List')) return undefined;
  return { problem: `kind is ${JSON.stringify(kind) ?? 'missing'}, expected a List`, offset: 0 };
}

/** The problem of an item after which the others can no longer be told apart. */
export function endOfReview({ problem, offset }: Unreadable): Unreadable {
  return { problem: `${problem} (the rest of this document is not reviewed)`, offset };
}
