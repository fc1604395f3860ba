import { setTimeout as sleep } from 'node:timers/promises';

/** Rendering metrics takes up to a millisecond of CPU: at most a hundredth of a core, however many clients ask. */
const INTERVAL_MS = 100;

/**
 * Does `work` at most ten times a second, for all callers so far. No caller gets a result that is older than its call, so the
 * second call within the interval waits.
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
