import { eventually } from '../cluster/eventually.ts';
import type { Cause, CauseContext } from './causes.ts';
import type { Prometheus } from './prometheus.ts';

/** Alerts fire within 30 s, plus the time until Pods start or end, or until the caBundle is written ten times. */
const TIMEOUT_MS = 4 * 60_000;

/** A failed scrape interrupts an alert. This is longer than two scrapes, so an alert that is quiet has resolved. */
const QUIET_MS = 5_000;

/** The alerts that fired and their delay in seconds, and the seconds from the end of the cause until all had resolved. */
interface Course {
  readonly fired: Readonly<Record<string, number>>;
  readonly resolvedAfter: number;
}

/** Creates a cause and waits until its alerts fire; then removes it and waits until none fires. */
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
    // Rejects at once if the cause cannot be created.
    await Promise.race([allFire, making.then(() => allFire)]);
  } finally {
    fires.abort();
    await making.finally(undo);
  }
  const undoneAt = performance.now();
  return { fired, resolvedAfter: seconds((await untilQuiet(note)) - undoneAt) };
}

/** Resolves when no alert has fired for a while; returns the time, by performance.now(), since which none has fired. */
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
