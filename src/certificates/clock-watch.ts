import type { Logger } from 'pino';
import { clockProblem } from './clock.ts';
import type { Timing } from './timing.ts';

export interface ClockWatchOptions {
  readonly timing: Pick<Timing, 'clockSkewMs'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** This clock was compared with the API server's: by how many ms is it ahead? */
  readonly onClock: (aheadMs: number) => void;
}

/** Tells of this clock's being wrong, and of its being right again, each once. */
export class ClockWatch {
  readonly #options: ClockWatchOptions;
  #problem: string | undefined;

  constructor(options: ClockWatchOptions) {
    this.#options = options;
  }

  /** Says what is wrong with this clock, and what to do about it; undefined when nothing is. */
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
