import { setTimeout } from 'node:timers/promises';
import PQueue from 'p-queue';
import { decide, type Reverse } from '../admission/gateway.ts';
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
}

/** What became of an object that lacked a label. */
export type Change = Finding &
  (
    | { readonly outcome: 'added' }
    /** Somebody else gave it the label, or deleted it: nothing is left to do. */
    | { readonly outcome: 'settled' }
    /** It still lacks the label, and why. */
    | { readonly outcome: 'skipped' | 'failed'; readonly detail: string }
  );

/**
 * Adds the labels that objects lack: one write an object, so that to end in the middle leaves nothing half done, and to
 * run again goes on. Resolves when everything that was begun is done; rejects when the API server cannot be asked any more.
 */
export async function backfill(options: BackfillOptions): Promise<void> {
  const { qps, concurrency, signal } = options;
  const queue = new PQueue({ concurrency, interval: 1000, intervalCap: qps });
  const failures: unknown[] = [];
  const isOver = () => signal.aborted || failures.length > 0;
  try {
    await fill(queue, options, isOver, (error) => failures.push(error));
  } catch (error) {
    failures.push(error);
  }
  if (isOver()) queue.clear();
  await queue.onIdle();
  // An interruption also ends the reading of a list, by an error.
  if (failures.length > 0 && !signal.aborted) throw failures[0];
}

/** Queues a write for each object that lacks a label, as they are read, until it is over. */
async function fill(
  queue: PQueue,
  options: BackfillOptions,
  isOver: () => boolean,
  onFailure: (error: unknown) => void,
): Promise<void> {
  const { store, scope, reverse, concurrency, onChange } = options;
  for await (const finding of inspectLacking(store, scope, reverse)) {
    if (isOver()) return;
    if (!finding.decision.add) continue;
    queue.add(async () => onChange(await settle(finding, options))).catch(onFailure);
    // Pages come faster than they are written: what waits here would be all objects in the end.
    await queue.onSizeLessThan(concurrency);
  }
}

/** Adds the label to one object, or finds that there is nothing to add any more. */
async function settle(finding: Finding, options: BackfillOptions): Promise<Change> {
  let { object, decision } = finding;
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const change = await attempt({ object, decision }, options);
    if (change) return change;
    if (options.signal.aborted) return { object, decision, outcome: 'failed', detail: 'interrupted' };

    await setTimeout(Math.random() * LONGEST_PAUSE_MS * (tries / MOST_TRIES));
    const { namespace, name } = object.metadata;
    const current = await options.store.get({ kind: object.kind, namespace, name });
    if (!current) return { object, decision, outcome: 'settled' };
    object = current;
    decision = decide(current.metadata, options.reverse);
  }
  const detail = `somebody else changed it each of ${MOST_TRIES} times between reading and writing`;
  return { object, decision, outcome: 'failed', detail };
}

/** Undefined: the object has been changed since it was read. */
async function attempt(finding: Finding, { store, dryRun, selectors }: BackfillOptions): Promise<Change | undefined> {
  const { object, decision } = finding;
  if (!decision.add) return { ...finding, outcome: 'settled' };
  const budgets = object.kind === 'Pod' ? selectors?.newOverlap(object.metadata, decision.add) : undefined;
  if (budgets?.length) {
    const names = budgets.map(({ name }) => name).join(' and ');
    return { ...finding, outcome: 'skipped', detail: `PodDisruptionBudgets ${names} would both select it` };
  }
  const written = await store.addLabel(object, decision.add, { dryRun });
  if (written === 'conflict') return undefined;
  if (written === 'added') return { ...finding, outcome: 'added' };
  if (written === 'gone') return { ...finding, outcome: 'settled' };
  return { ...finding, outcome: 'failed', detail: written.refused };
}
