import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { diagnosis, NAME, restart, upgrade } from '../e2e/installation.ts';
import { readSettings } from '../e2e/settings.ts';
import { underLoad } from '../e2e/under-load.ts';
import { CAUSES, type Cause } from './causes.ts';
import { dashboardPanels } from './dashboard.ts';
import { provideCertificate } from './provided.ts';
import { untilQuiet, watchCause } from './watched-cause.ts';
import { type Watched, type WatchedOptions, watchedInstallation } from './watched-installation.ts';

const NAMESPACE = `${NAME}-e2e`;
const settings = readSettings();

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(await diagnosis());
});

const watch = (options: Pick<WatchedOptions, 'engine' | 'makeValues'>) =>
  watchedInstallation({ settings, namespace: NAMESPACE, ...options });

/** Alerts on a counter that Prometheus sees for the first time fire until the counter is old. */
const untilWatched = ({ prometheus }: Watched) => untilQuiet(() => prometheus.firing());

async function expectCourse({ api, prometheus }: Watched, cause: Cause): Promise<void> {
  const course = await watchCause(prometheus, cause, { api, namespace: NAMESPACE });
  console.log(
    `${cause.what}: fired after ${JSON.stringify(course.fired)} s, all resolved after ${course.resolvedAfter} s`,
  );
  expect(Object.keys(course.fired).sort()).toEqual(cause.alerts);
}

describe('the alerts in a cluster', () => {
  let watched: Watched;

  beforeAll(async () => {
    watched = await watch({ engine: 'both', makeValues: async () => ['heal.schedule=0 0 1 1 *'] });
    await untilWatched(watched);
    return () => watched[Symbol.asyncDispose]();
  });

  test.for(CAUSES.map((cause) => [cause.alerts.join(' and '), cause] as const))(
    '%s: fire if their cause exists, and resolve after it is removed',
    ([, cause]) => expectCourse(watched, cause),
  );

  test('all have a cause in these tests', () => {
    const caused = new Set([...CAUSES, EXPIRY].flatMap(({ alerts }) => alerts));
    expect([...caused].sort()).toEqual(watched.alerts.toSorted());
  });

  test('leave data for every query of the dashboard, after some load', async () => {
    await underLoad({ ...watched, settings, namespace: NAMESPACE, perSecond: settings.perSecond }, async () => {});
    const panels = dashboardPanels({ range: '5m', rateInterval: '1m' });
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const now = Date.now() / 1000;
    const found = await Promise.all(
      queries.map(async (query) => {
        const samples = await watched.prometheus.queryRange(query, now - 10, now);
        const numbers = samples.flatMap(({ values }) => values.map(([, value]) => Number(value)));
        return { query, hasData: numbers.some(Number.isFinite) };
      }),
    );
    expect(found.length).toBeGreaterThan(20);
    expect(found.filter(({ hasData }) => !hasData)).toEqual([]);
  });
});

const LONG_HOURS = 365 * 24;

async function replaceCertificate(hours: number): Promise<void> {
  await upgrade(await provideCertificate(hours));
  // Faster than waiting until the kubelet updates the Secret in the Pods.
  await restart();
}

/** Only in mode provided: the other modes renew certificates long before. */
const EXPIRY: Cause = {
  what: 'the certificate and its CA expire in twelve hours',
  alerts: ['CAExpiresSoon', 'CAExpiring', 'CertificateExpiresSoon', 'CertificateExpiring'].map(
    (alert) => `GatewayNameWebhook${alert}`,
  ),
  make: () => replaceCertificate(12),
  undo: () => replaceCertificate(LONG_HOURS),
};

describe('the alerts for provided certificates in a cluster', () => {
  test('fire before they expire, and resolve after they are replaced', async () => {
    await using watched = await watch({ engine: 'webhook', makeValues: () => provideCertificate(LONG_HOURS) });
    await untilWatched(watched);
    await expectCourse(watched, EXPIRY);
  });
});
