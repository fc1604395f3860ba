import { eventually } from '../cluster/eventually.ts';
import type { Cause, CauseContext } from './causes.ts';
import type { Prometheus } from './prometheus.ts';

/** What fires here waits 30 s at most, but for Pods that start or end, and for ten writes of the caBundle. */
const TIMEOUT_MS = 4 * 60_000;

/** A scrape that fails interrupts an alert: what is over does not come back for two of them and more. */
const QUIET_MS = 5_000;

/** Which alerts fired, and how many seconds after the cause was made and undone. */
interface Course {
  readonly fired: Readonly<Record<string, number>>;
  readonly resolvedAfter: number;
}

/** Makes a cause until its alerts fire, and undoes it until nothing fires. */
export async function watchCause(
  prometheus: Prometheus,
  { what, alerts, make, undo }: Cause,
  context: Omit<CauseContext, 'signal'>,
): Promise<Course> {
  const fired: Record<string, number> = {};
  const madeAt = performance.now();
  const note = async () => {
    const firing = await prometheus.firing();
    for (const alert of firing) fired[alert] ??= seconds(performance.now() - madeAt);
    return firing;
  };
  const fires = new AbortController();
  const making = make({ ...context, signal: fires.signal });
  try {
    const allFire = eventually(
      `alerts because ${what}`,
      async () => {
        const firing = await note();
        return alerts.every((alert) => firing.includes(alert)) || undefined;
      },
      TIMEOUT_MS,
    );
    // A cause that cannot be made fires nothing.
    await Promise.race([allFire, making.then(() => allFire)]);
  } finally {
    fires.abort();
    await making.finally(undo);
  }
  const undoneAt = performance.now();
  return { fired, resolvedAfter: seconds((await untilQuiet(note)) - undoneAt) };
}

/** Resolves when nothing has fired for a while; with the time, of performance.now(), from which on nothing did. */
export async function untilQuiet(firing: () => Promise<readonly string[]>): Promise<number> {
  let quietSince = performance.now();
  return eventually(
    'alerts to stop',
    async () => {
      if ((await firing()).length > 0) quietSince = performance.now();
      return performance.now() - quietSince > QUIET_MS ? quietSince : undefined;
    },
    TIMEOUT_MS,
  );
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
