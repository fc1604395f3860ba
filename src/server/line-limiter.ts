import type { FastifyBaseLogger } from 'fastify';

interface Rate {
  /** The number of lines at once. */
  readonly burst: number;
  /** The number of lines in the long run. */
  readonly perSecond: number;
}

/** Twenty lines a second are at most 400 MB a day, and scaling up a fleet still logs every object. */
export const RATE: Rate = { burst: 200, perSecond: 20 };

/** These repeat until the cause is fixed: once a minute is enough to notice. */
const RATES: Readonly<Record<string, Rate>> = {
  evicted: { burst: 1, perSecond: 1 / 60 },
  distrusted: { burst: 1, perSecond: 1 / 60 },
};

/** What remains of a rate. */
interface Allowance {
  lines: number;
  leftOut: number;
}

/**
 * Limits the log lines for each reason: any client that reaches the port can cause thousands a second, which would crowd out
 * everything else. Metrics count all of them.
 */
export class LineLimiter {
  readonly #logger: Pick<FastifyBaseLogger, 'warn'>;
  /** For reasons that have used some of their burst. */
  readonly #allowances = new Map<string, Allowance>();

  constructor(logger: Pick<FastifyBaseLogger, 'warn'>) {
    this.#logger = logger;
  }

  /** Whether to write a line with this reason. There must be few reasons, and never text from a client. */
  allows(reason: string): boolean {
    const allowance = this.#allowances.get(reason) ?? { lines: rateOf(reason).burst, leftOut: 0 };
    this.#allowances.set(reason, allowance);
    if (allowance.lines < 1) {
      allowance.leftOut += 1;
      return false;
    }
    allowance.lines -= 1;
    return true;
  }

  /** Call it once a second: logs how many lines were suppressed, by reason. */
  tick(): void {
    for (const [reason, allowance] of this.#allowances) {
      const { burst, perSecond } = rateOf(reason);
      allowance.lines += perSecond;
      const { leftOut } = allowance;
      if (leftOut > 0 && allowance.lines >= 1) {
        this.#logger.warn({ reason, leftOut }, 'suppressed log lines');
        allowance.lines -= 1;
        allowance.leftOut = 0;
      }
      if (allowance.lines >= burst) this.#allowances.delete(reason);
    }
  }
}

function rateOf(reason: string): Rate {
  return RATES[reason] ?? RATE;
}
