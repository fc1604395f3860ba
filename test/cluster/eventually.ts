import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 100;
const TIMEOUT_MS = 30_000;

/** Asks until the answer is no longer undefined, and returns it. Rejects, saying what it waited for, after half a minute. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  timeoutMs = TIMEOUT_MS,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline)
      throw new Error(`Cannot wait any longer for ${what}: ${timeoutMs / 1000} s have passed`);
    await delay(INTERVAL_MS);
  }
}
