import { setTimeout as delay } from 'node:timers/promises';
import pRetry from 'p-retry';
import type { ApiClient } from './api-client.ts';
import type { ApiError } from './api-error.ts';
import { mayPass } from './passing.ts';

/** As many as client-go makes of a call. With the waits between them, 23 to 46 s pass: enough to restart an API server. */
const TRIES = 10;

/** Doubled from one try to the next. A connection that was cut, or a write too many at once, needs no more. */
const FIRST_WAIT_MS = 250;

/** So that an API server which is back is noticed soon. */
const LONGEST_WAIT_MS = 10_000;

/** The API server itself asks for 1 s. What is in between may ask for an hour: who waits would take that for a hang. */
const LONGEST_RETRY_AFTER_MS = 30_000;

export interface RetryOptions {
  /** Aborted: what is being called may end, and is not called again. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait for another try. */
  readonly onRetry?: (error: ApiError) => void;
  /** For tests. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

export type Retry = <T>(call: () => Promise<T>) => Promise<T>;

/** Makes calls of a client until they succeed, or fail for good. They must be such as may be made twice. */
export function retrying(client: Pick<ApiClient, 'hasAnswered'>, options: RetryOptions): Retry {
  const { signal, onRetry, wait = (ms) => delay(ms, undefined, { signal }) } = options;
  return (call) =>
    pRetry(call, {
      retries: TRIES - 1,
      // It neither waits nor knows the signal by itself: it knows no Retry-After, and once aborted it would reject even when
      // the call in flight succeeds. Whether a write got through must not be lost.
      minTimeout: 0,
      shouldRetry: async ({ error, attemptNumber }) => {
        if (!mayPass(error, client)) return false;
        onRetry?.(error);
        await wait(waitMs(error, attemptNumber)).catch(() => {});
        return !signal?.aborted;
      },
    });
}

/** The wait that is asked for, and on top of it our own, with jitter: those who were refused together come apart. */
function waitMs({ retryAfterMs = 0 }: ApiError, attempt: number): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
  return Math.min(LONGEST_RETRY_AFTER_MS, retryAfterMs) + longest * (0.5 + Math.random() / 2);
}
