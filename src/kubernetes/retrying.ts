import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from './api-client.ts';
import type { ApiError } from './api-error.ts';
import { mayPass } from './passing.ts';

/** As many as client-go makes. With the waits in between, this takes 23 to 46 s: enough to restart an API server. */
const TRIES = 10;

/** Doubled with each try. Enough for a dropped connection, or for too many writes at once. */
const FIRST_WAIT_MS = 250;

/** To notice soon when the API server is back. */
const LONGEST_WAIT_MS = 10_000;

/** The API server itself asks for 1 s. A proxy may ask for an hour, which would look like a hang. */
const LONGEST_RETRY_AFTER_MS = 30_000;

export interface RetryOptions {
  /** Once aborted, a running call may finish, but is not repeated. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait for another try. */
  readonly onRetry?: (error: ApiError) => void;
  /** For tests. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

export type Retry = <T>(call: () => Promise<T>) => Promise<T>;

/** Repeats calls until they succeed or fail permanently. They must be idempotent. */
export function retrying(client: Pick<ApiClient, 'hasAnswered'>, options: RetryOptions): Retry {
  const { signal, onRetry, wait = (ms) => delay(ms, undefined, { signal }) } = options;
  return async (call) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        if (attempt === TRIES || !mayPass(error, client)) throw error;
        onRetry?.(error);
        // The signal ends the wait, not a call in flight: the result of a write must not be lost.
        await wait(waitMs(error, attempt)).catch(() => {});
        if (signal?.aborted) throw error;
      }
    }
  };
}

/** The requested wait plus our own, with jitter: calls that were refused together spread out. */
function waitMs({ retryAfterMs = 0 }: ApiError, attempt: number): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
  return Math.min(LONGEST_RETRY_AFTER_MS, retryAfterMs) + longest * (0.5 + Math.random() / 2);
}
