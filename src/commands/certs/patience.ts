import { setTimeout as delay } from 'node:timers/promises';
import type { Progress } from './progress.ts';

export interface PatienceOptions {
  readonly timeoutMs: number;
  /** Between two tries. */
  readonly pollMs: number;
  /** Reports whether a failed call may succeed when it is repeated. */
  readonly mayPass: (error: unknown) => boolean;
  readonly progress: Progress;
}

/** The timeout has passed: what was still missing, and the exit code for that. */
export class TimeOver extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Retries until a timeout. */
export class Patience {
  readonly #options: PatienceOptions;
  readonly #deadline: number;

  constructor(options: PatienceOptions) {
    this.#options = options;
    this.#deadline = performance.now() + options.timeoutMs;
  }

  /** Repeats an idempotent action until it succeeds. Rejects immediately with an error that will not pass. */
  async until<T>(act: () => Promise<T>): Promise<T> {
    const { mayPass, progress, pollMs } = this.#options;
    for (;;) {
      try {
        return await act();
      } catch (error) {
        if (!mayPass(error)) throw error;
        const { message } = error as Error;
        this.#checkTime(message, 2);
        progress.warn(`${message}; retrying`);
      }
      await delay(pollMs);
    }
  }

  /** Polls until nothing is missing. */
  async untilComplete<T>(look: () => Promise<T>, missing: (found: T) => string | undefined): Promise<T> {
    const { progress, pollMs } = this.#options;
    for (;;) {
      const found = await this.until(look);
      const text = missing(found);
      if (text === undefined) return found;
      progress.show(text);
      this.#checkTime(text, 1);
      await delay(pollMs);
    }
  }

  #checkTime(missing: string, exitCode: 1 | 2): void {
    if (performance.now() < this.#deadline) return;
    const seconds = this.#options.timeoutMs / 1000;
    throw new TimeOver(`timed out after ${seconds} s: ${missing}; run this command again to keep waiting`, exitCode);
  }
}
