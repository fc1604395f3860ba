import type { FastifyBaseLogger } from 'fastify';

interface Rate {
  /** So many lines at once. */
  readonly burst: number;
  /** So many in the long run. */
  readonly perSecond: number;
}

/** Twenty lines a second fill 400 MB a day at most, and a fleet that is scaled up is still logged object by object. */
const RATE: Rate = { burst: 200, perSecond: 20 };

/** The same thing happens again and again until somebody does something about it: once a minute is enough to be noticed. */
const RATES: Readonly<Record<string, Rate>> = {
  evicted: { burst: 1, perSecond: 1 / 60 },
  distrusted: { burst: 1, perSecond: 1 / 60 },
};

/** What is left of a rate. */
interface Allowance {
  lines: number;
  leftOut: number;
}

/**
 * Limits how many lines are logged for one reason: whoever reaches the port can cause thousands a second, and a log that is
 * full of them holds nothing else. Metrics count all.
 */
export class LineLimiter {
  readonly #logger: Pick<FastifyBaseLogger, 'warn'>;
  /** Of the reasons with less than their burst. */
  readonly #allowances = new Map<string, Allowance>();

  constructor(logger: Pick<FastifyBaseLogger, 'warn'>) {
    this.#logger = logger;
  }

  /** Whether to write a line with this reason. Reasons must be few, and never the words of a client. */
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

  /** To be called once a second: writes how many lines were left out, by reason. */
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
