import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 100;
const TIMEOUT_MS = 30_000;

/** Polls until the answer is not undefined, and returns it. Rejects after `timeoutMs`, with `what` it waited for. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  timeoutMs = TIMEOUT_MS,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`Timed out waiting for ${what} after ${timeoutMs / 1000} s`);
    await delay(INTERVAL_MS);
  }
}
