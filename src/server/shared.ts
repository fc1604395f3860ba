import { setTimeout as sleep } from 'node:timers/promises';

/** A page of metrics takes up to a millisecond of a processor: a hundredth of it, however many ask. */
const INTERVAL_MS = 100;

/**
 * Does `work` at most ten times a second, for all who have asked until then. Nobody is given what is older than the question,
 * so the second question within the interval waits.
 */
export function shared<T>(work: () => Promise<T>, intervalMs = INTERVAL_MS): () => Promise<T> {
  let startedAt = Number.NEGATIVE_INFINITY;
  let next: Promise<T> | undefined;
  const wait = async () => {
    await sleep(Math.max(0, startedAt + intervalMs - performance.now()));
    startedAt = performance.now();
    next = undefined;
    return work();
  };
  return () => {
    next ??= wait();
    return next;
  };
}
