import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../cluster/eventually.ts';
import { ApiServer } from '../e2e/api-server.ts';
import { diagnosis, install, NAME, restart, takeCluster, upgrade } from '../e2e/installation.ts';
import { readSettings } from '../e2e/settings.ts';
import { underLoad } from '../e2e/under-load.ts';
import { CAUSES, type Cause } from './causes.ts';
import { dashboardQueries } from './dashboard.ts';
import { hastyRules } from './hasty-rules.ts';
import { Prometheus } from './prometheus.ts';
import { provideCertificate } from './provided.ts';
import { scrapeFiles } from './scrapes.ts';
import { Targets } from './targets.ts';
import { untilQuiet, watchCause } from './watched-cause.ts';

const NAMESPACE = `${NAME}-e2e`;
const settings = readSettings();

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(await diagnosis());
});

/** Installs the chart, and starts a Prometheus with the alert rules of an engine. */
async function watchedInstallation(makeValues: () => Promise<readonly string[]>, engine: string) {
  await using resources = new AsyncDisposableStack();
  const api = await ApiServer.current();
  resources.defer(() => api.close());
  resources.defer(await takeCluster(NAMESPACE));
  const values = await makeValues();
  await install(settings, values);
  const rules = await hastyRules([...values, `engine=${engine}`]);
  const groups = [{ name: NAME, rules }];
  const { url } = resources.use(await Targets.serve(api));
  const files = { ...(await scrapeFiles(url)), 'rules.json': JSON.stringify({ groups }) };
  const prometheus = resources.use(await Prometheus.start(files));
  return { resources: resources.move(), api, prometheus, alerts: rules.map(({ alert }) => alert) };
}

type Watched = Awaited<ReturnType<typeof watchedInstallation>>;

/** Alerts on a counter that Prometheus sees for the first time fire until the counter is old. */
async function untilWatched({ prometheus }: Watched): Promise<void> {
  await eventually('the first scrapes, of two Pods and of the API server', async () => {
    const now = Date.now() / 1000;
    return (await prometheus.queryRange('up == 1', now - 5, now)).length > 2 || undefined;
  });
  await untilQuiet(() => prometheus.firing());
}

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
    watched = await watchedInstallation(async () => ['heal.schedule=0 0 1 1 *'], 'both');
    await untilWatched(watched);
    return () => watched.resources.disposeAsync();
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
    const now = Date.now() / 1000;
    const found = await Promise.all(
      dashboardQueries().map(async ([title, query]) => {
        const samples = await watched.prometheus.queryRange(query, now - 10, now);
        const numbers = samples.flatMap(({ values }) => values.map(([, value]) => Number(value)));
        return { title, query, hasData: numbers.some(Number.isFinite) };
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
    const watched = await watchedInstallation(() => provideCertificate(LONG_HOURS), 'webhook');
    await using _resources = watched.resources;
    await untilWatched(watched);
    await expectCourse(watched, EXPIRY);
  });
});
