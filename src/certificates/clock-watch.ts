import type { Logger } from 'pino';
import { clockProblem } from './clock.ts';
import type { Timing } from './timing.ts';

export interface ClockWatchOptions {
  readonly timing: Pick<Timing, 'clockSkewMs'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Called after each comparison with the API server's clock: by how many ms this clock is ahead. */
  readonly onClock: (aheadMs: number) => void;
}

/** Reports once when this clock is wrong, and once when it is right again. */
export class ClockWatch {
  readonly #options: ClockWatchOptions;
  #problem: string | undefined;

  constructor(options: ClockWatchOptions) {
    this.#options = options;
  }

  /** Says what is wrong with this clock, and what to do; undefined if nothing is. */
  problem(aheadMs: number | undefined): string | undefined {
    const { timing, logger, onClock } = this.#options;
    if (aheadMs !== undefined) onClock(aheadMs);
    const problem = clockProblem(aheadMs, timing);
    if (problem !== this.#problem) {
      if (problem === undefined) logger.info('the clock agrees with the API server again');
      else logger.warn({ reason: problem }, 'the clock is wrong, not writing anything');
    }
    this.#problem = problem;
    return problem && `${problem}: correct the clock of the node (NTP)`;
  }
}
