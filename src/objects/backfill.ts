import { setTimeout as delay } from 'node:timers/promises';
import PQueue from 'p-queue';
import { decide, type Label, type Reverse } from '../admission/gateway.ts';
import type { Finding } from './finding.ts';
import { inspectLacking } from './inspect.ts';
import type { ObjectStore } from './object-store.ts';
import type { PodSelectors } from './pod-selectors.ts';
import type { Scope } from './scope.ts';

/**
 * Another writer may change an object between reading and writing. After ten times in a row, over about five seconds, waiting
 * longer helps no more than running again later.
 */
const MOST_TRIES = 10;
const LONGEST_PAUSE_MS = 1000;
const ALWAYS_CHANGED = `something else changed the object between reading and writing, ${MOST_TRIES} times`;

export interface BackfillOptions {
  readonly store: ObjectStore;
  readonly scope: Scope;
  readonly reverse: Reverse;
  /** Server-side dry run; nothing is persisted. */
  readonly dryRun: boolean;
  /** Finds Pods that several PodDisruptionBudgets would select, to skip them. Undefined to label them, too. */
  readonly selectors: PodSelectors | undefined;
  /** Writes a second, at most. */
  readonly qps: number;
  /** Writes at once, at most. */
  readonly concurrency: number;
  /** Once aborted, no more writes are started. */
  readonly signal: AbortSignal;
  /** Called for each processed object, in the order of completion. */
  readonly onChange: (change: Change) => Promise<void> | void;
  /** For tests. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

type Lacking = Finding & { readonly decision: { readonly add: Label } };

/** The outcome for an object that was missing a label. */
export type Change =
  | (Lacking & { readonly outcome: 'added' })
  /** Something else added the label, or deleted the object: nothing is left to do. */
  | (Finding & { readonly outcome: 'settled' })
  /** The label is still missing, and why. */
  | (Lacking & { readonly outcome: 'skipped' | 'failed'; readonly detail: string });

/**
 * Adds missing labels: one write per object, so that an interruption leaves nothing half done, and running again resumes.
 * Resolves when every started write is done; rejects if the API server can no longer be reached.
 */
export async function backfill(options: BackfillOptions): Promise<void> {
  const { store, scope, reverse, qps, concurrency, signal, onChange } = options;
  const { wait = (ms, ended) => delay(ms, undefined, { signal: ended }) } = options;
  // `strict`: the limit holds for every interval of a second, not only for fixed ones.
  const queue = new PQueue({ concurrency, interval: 1000, intervalCap: qps, strict: true });
  const failed = new AbortController();
  const over = AbortSignal.any([signal, failed.signal]);
  over.addEventListener('abort', () => queue.clear());

  const enqueue = (finding: Lacking, tries: number): void => {
    if (over.aborted) return;
    const settle = async () => {
      const change = await attempt(finding, options);
      if (change) return onChange(change);
      if (tries === MOST_TRIES) return onChange({ ...finding, outcome: 'failed', detail: ALWAYS_CHANGED });
      await wait(Math.random() * LONGEST_PAUSE_MS * (tries / MOST_TRIES), over);
      const again = await readAgain(finding, options);
      if (!again || !isLacking(again)) return onChange({ ...(again ?? finding), outcome: 'settled' });
      enqueue(again, tries + 1);
    };
    // Retries come before new objects. A failure must be known before the queue continues.
    void queue.add(() => settle().catch((error: unknown) => failed.abort(error)), { priority: tries });
  };

  try {
    for await (const finding of inspectLacking(store, scope, reverse)) {
      if (isLacking(finding)) enqueue(finding, 1);
      // Pages are read faster than they are written: without a limit, all objects would end up waiting here.
      await queue.onSizeLessThan(concurrency);
      if (over.aborted) break;
    }
  } catch (error) {
    failed.abort(error);
  }
  await queue.onIdle();
  // The first reason. An interruption is no failure, although it makes reads in progress fail.
  if (over.reason !== signal.reason) throw over.reason;
}

/** Adds the label to one object. Undefined if the object has changed since it was read. */
async function attempt(finding: Lacking, { store, dryRun, selectors }: BackfillOptions): Promise<Change | undefined> {
  const { object, decision } = finding;
  const budgets = object.kind === 'Pod' ? selectors?.newOverlap(object.metadata, decision.add) : undefined;
  if (budgets?.length) {
    const names = budgets.map(({ name }) => name).join(', ');
    return { ...finding, outcome: 'skipped', detail: `it would match several PodDisruptionBudgets: ${names}` };
  }
  const written = await store.addLabel(object, decision.add, { dryRun });
  if (written === 'conflict') return undefined;
  if (written === 'added') return { ...finding, outcome: 'added' };
  if (written === 'gone') return { ...finding, outcome: 'settled' };
  return { ...finding, outcome: 'failed', detail: written.refused };
}

/** Undefined if the object no longer exists. */
async function readAgain({ object }: Finding, { store, reverse }: BackfillOptions): Promise<Finding | undefined> {
  const { namespace, name } = object.metadata;
  const current = await store.get({ kind: object.kind, namespace, name });
  return current && { object: current, decision: decide(current.metadata, reverse) };
}

function isLacking(finding: Finding): finding is Lacking {
  return finding.decision.add !== undefined;
}
