import { setTimeout as delay } from 'node:timers/promises';
import PQueue from 'p-queue';
import { decide, type Label, type Reverse } from '../admission/gateway.ts';
import type { Finding } from './finding.ts';
import { inspectLacking } from './inspect.ts';
import type { ObjectStore } from './object-store.ts';
import type { PodSelectors } from './pod-selectors.ts';
import type { Scope } from './scope.ts';

/**
 * Somebody who writes to an object all the time may come in between each reading and its writing. Ten times in a row, over
 * some five seconds, means that waiting longer helps no more than running again later.
 */
const MOST_TRIES = 10;
const LONGEST_PAUSE_MS = 1000;
const ALWAYS_CHANGED = `something else changed the object between reading and writing, ${MOST_TRIES} times`;

export interface BackfillOptions {
  readonly store: ObjectStore;
  readonly scope: Scope;
  readonly reverse: Reverse;
  /** The API server judges every change and stores none. */
  readonly dryRun: boolean;
  /** Tells the Pods that several PodDisruptionBudgets would select: they are left out. Undefined: nobody minds. */
  readonly selectors: PodSelectors | undefined;
  /** Writes a second, at most. */
  readonly qps: number;
  /** Writes at once, at most. */
  readonly concurrency: number;
  /** Once it aborts, nothing more is begun. */
  readonly signal: AbortSignal;
  /** Called for each object that was dealt with, in the order in which they are done. */
  readonly onChange: (change: Change) => Promise<void> | void;
  /** For tests. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

type Lacking = Finding & { readonly decision: { readonly add: Label } };

/** What became of an object that lacked a label. */
export type Change =
  | (Lacking & { readonly outcome: 'added' })
  /** Somebody else gave it the label, or deleted it: nothing is left to do. */
  | (Finding & { readonly outcome: 'settled' })
  /** It still lacks the label, and why. */
  | (Lacking & { readonly outcome: 'skipped' | 'failed'; readonly detail: string });

/**
 * Adds the labels that objects lack: one write an object, so that to end in the middle leaves nothing half done, and to
 * run again goes on. Resolves when everything that was begun is done; rejects when the API server cannot be asked any more.
 */
export async function backfill(options: BackfillOptions): Promise<void> {
  const { store, scope, reverse, qps, concurrency, signal, onChange } = options;
  const { wait = (ms, ended) => delay(ms, undefined, { signal: ended }) } = options;
  // `strict`: in any second, also in one that begins in the middle of another.
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
    // What has been begun comes before what has not. A failure is to be known before the queue goes on.
    void queue.add(() => settle().catch((error: unknown) => failed.abort(error)), { priority: tries });
  };

  try {
    for await (const finding of inspectLacking(store, scope, reverse)) {
      if (isLacking(finding)) enqueue(finding, 1);
      // Pages come faster than they are written: what waits here would be all objects in the end.
      await queue.onSizeLessThan(concurrency);
      if (over.aborted) break;
    }
  } catch (error) {
    failed.abort(error);
  }
  await queue.onIdle();
  // The first that ended it. An interruption is no failure, though it ends the reading of a list by an error.
  if (over.reason !== signal.reason) throw over.reason;
}

/** Adds the label to one object. Undefined: it has been changed since it was read. */
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

/** Undefined: there is no such object any more. */
async function readAgain({ object }: Finding, { store, reverse }: BackfillOptions): Promise<Finding | undefined> {
  const { namespace, name } = object.metadata;
  const current = await store.get({ kind: object.kind, namespace, name });
  return current && { object: current, decision: decide(current.metadata, reverse) };
}

function isLacking(finding: Finding): finding is Lacking {
  return finding.decision.add !== undefined;
}
