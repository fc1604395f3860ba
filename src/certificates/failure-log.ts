import type { Logger } from 'pino';

/** An hour without a (reliable) API server is worth sixty log lines, not four hundred. */
const LOG_INTERVAL_MS = 60_000;

/** Logs that the API server fails, at intervals, and that it answers again. */
export class FailureLog {
  readonly #logger: Pick<Logger, 'info' | 'warn'>;
  #loggedAt: number | undefined;
  /** Whether the last log line about the API server was a failure. */
  #saidAway = false;

  constructor(logger: Pick<Logger, 'info' | 'warn'>) {
    this.#logger = logger;
  }

  answered(): void {
    if (this.#saidAway) this.#logger.info('the API server answers again');
    this.#saidAway = false;
  }

  failed(err: unknown): void {
    const now = performance.now();
    if (this.#loggedAt !== undefined && now - this.#loggedAt < LOG_INTERVAL_MS) return;
    this.#loggedAt = now;
    this.#saidAway = true;
    this.#logger.warn({ err }, 'failed to maintain the CAs, serving with the current certificate');
  }
}
