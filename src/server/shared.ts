import { setTimeout as sleep } from 'node:timers/promises';

/** Prometheus asks every 15 to 60 seconds, and waits for 10. */
const INTERVAL_MS = 1_000;

/**
 * Does `work` at most once a second, for all who have asked until then. Nobody is given what is older than the question, so
 * the second question within a second waits.
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
