import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../cluster/eventually.ts';
import { recorded } from '../support/reviews.ts';
import { ApiServer } from './api-server.ts';
import { watchCalls } from './calls.ts';
import { doctor, doctorWhenBroken, of, retarget } from './doctor.ts';
import { installedEngines } from './engines.ts';
import { healNow } from './heal.ts';
import {
  anyPod,
  deletePod,
  diagnosis,
  helmTest,
  install,
  leftovers,
  NAME,
  restart,
  restartedBy,
  scale,
  takeCluster,
  uninstall,
  untilNoPods,
  untilRolledOut,
  upgrade,
  webhookPods,
} from './installation.ts';
import { hang, killProcessOf } from './kill.ts';
import { BLUEPRINTS, OWNER, SERVICE_ACCOUNT, STANDARD } from './objects.ts';
import { deploymentPodLabels, runInPod, runningPod } from './pods.ts';
import { clientOf, POST_REVIEW } from './review.ts';
import { rotate } from './rotate.ts';
import { readSettings } from './settings.ts';
import { NO_PROBLEMS, problemsOf, underLoad } from './under-load.ts';

const NAMESPACE = `${NAME}-e2e`;

/** Long enough for many calls to time out, and for the replica's endpoint to be removed. */
const HANG_MS = 15_000;

/** The first attempt takes a second. The rest is reserve for a slow machine. */
const LONGEST_WAIT_MS = 5_000;

const settings = readSettings();
const { perSecond } = settings;

describe('the chart, installed in a cluster', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await ApiServer.current();
    const giveBack = await takeCluster(NAMESPACE);
    return async () => {
      await giveBack();
      api.close();
    };
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(await diagnosis());
  });
  /** Creates an object of each kind with one label, and returns their labels. */
  const createEach = (name: string) =>
    Promise.all(
      BLUEPRINTS.map(async ({ path, object }) => {
        const { status, body } = await api.send('POST', path(NAMESPACE), object(name, { [OWNER]: 'eg' }));
        expect(status, body).toBe(201);
        return JSON.parse(body).metadata.labels;
      }),
    );
  /** A policy takes effect some time after it is created, and a Pod becomes an endpoint some time after it is ready. */
  const untilDoctorFindsNothing = () =>
    eventually('doctor to report no problem', async () => (await doctor(NAMESPACE)).result === 'ok' || undefined);
  /** Redirects the Services. The API server keeps its connections until their Pods end, so the Pods are replaced. */
  const redirect = async (targetPort: string | number) => {
    await retarget(targetPort);
    await restart();
  };
  const both = BLUEPRINTS.map(() => ({ [OWNER]: 'eg', [STANDARD]: 'eg' }));

  test.for([1, 2, 3])('labels objects as soon as `helm install --wait` returns (%i of 3)', async (count) => {
    await uninstall();
    expect(await leftovers()).toBe('');
    const callsSince = await watchCalls(api, settings);

    await install(settings);
    const labels = await createEach(`first-${count}`);

    expect(labels).toEqual(both);
    expect(await callsSince()).toEqual({ failOpens: {}, failed: {}, causes: [] });
    const next = await underLoad({ api, settings, namespace: NAMESPACE, perSecond }, async () => {});
    expect(problemsOf(next)).toEqual(NO_PROBLEMS);
  });

  test('passes `helm test`', async () => {
    // `helm test` also succeeds if it runs nothing.
    expect(await helmTest()).toContain('gets both labels');
  });

  test('has no problem according to doctor', async () => {
    const found = await doctor(NAMESPACE);
    const bad = found.checks.filter(({ status }) => status === 'warning' || status === 'failure');
    expect(bad).toEqual([]);
    expect(of('certificates', found)).toEqual([
      ['ca-bundle', 'ok', undefined],
      ['served', 'ok', undefined],
    ]);
    expect(of('call', found)).toEqual([
      ['adds-standard', 'ok', undefined],
      ['adds-owner', 'ok', undefined],
    ]);
  });

  test.for<readonly [what: string, fault: string, damage: () => Promise<void>, repair: () => Promise<void>]>([
    ['nothing listens on the target port', 'refused', () => redirect(9), () => retarget('https')],
    ['the target port does not use TLS', 'tls', () => redirect('metrics'), () => retarget('https')],
    ['there is no Pod', 'missing', () => scale(0), () => scale(1)],
  ])('has a problem according to doctor if %s: %s', async ([, fault, damage, repair]) => {
    await damage();
    try {
      const found = await doctorWhenBroken(NAMESPACE);
      expect(of('call', found)[0]).toEqual(['adds-standard', 'failure', fault]);
      const [section, name] = fault === 'missing' ? ['endpoints', 'ready-pods'] : ['certificates', 'served'];
      expect(of(section, found).at(-1)).toEqual([name, 'failure', fault]);
    } finally {
      await repair();
    }
    await untilDoctorFindsNothing();
  });

  test.for([
    ['a rolling restart', restart],
    ['another rolling restart', restart],
    ['the deletion of a Pod', async () => deletePod(await anyPod())],
    ['a rotation of the CA and of every serving certificate', rotate],
  ] as const)(`labels every object during %s, at ${perSecond} creates a second`, async ([, act]) => {
    const outcome = await underLoad({ api, settings, namespace: NAMESPACE, perSecond }, act);

    expect(problemsOf(outcome)).toEqual(NO_PROBLEMS);
    expect(outcome.load.created).toBeGreaterThan(outcome.seconds * perSecond);
  });

  test.for(['Ignore', 'Fail'] as const)(
    `labels every object while a replica is killed and while one hangs, at ${perSecond} creates a second (%s)`,
    async (policy) => {
      await upgrade([`webhook.failurePolicy=${policy}`]);
      await untilRolledOut();
      const outcome = await underLoad({ api, settings, namespace: NAMESPACE, perSecond }, async () => {
        // One Pod of each Deployment.
        for (const pod of await webhookPods()) {
          await restartedBy(pod, () => killProcessOf(pod, settings));
          await hang(pod, settings, HANG_MS);
          await untilRolledOut();
        }
      });

      const { misses, errors, failOpens } = problemsOf(outcome);
      expect({ misses, errors }).toEqual({ misses: [], errors: [] });
      // Neither Pod answered while it hung, so there were second attempts.
      expect(Object.keys(failOpens).sort()).toEqual([`standard.label.${NAME}`, `twin.owner.label.${NAME}`]);
      expect(outcome.load.maxMs).toBeLessThan(LONGEST_WAIT_MS);
    },
  );

  test('labels the Pods that a Deployment creates', async () => {
    expect(await deploymentPodLabels(settings, NAMESPACE, { [OWNER]: 'eg' })).toMatchObject({
      [OWNER]: 'eg',
      [STANDARD]: 'eg',
    });
  });

  test('answers a review from inside the cluster', async () => {
    const { address, name, ca } = await clientOf();
    const review = JSON.stringify(recorded('envoy-serviceaccount.json'));

    const answer = JSON.parse(await runInPod(settings, NAMESPACE, POST_REVIEW, [address, name, ca, review]));

    expect(answer.response).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
  });

  test.for(['Ignore', 'Fail'] as const)(
    'blocks neither unrelated Pods nor its own without replicas (%s)',
    async (policy) => {
      await upgrade([`webhook.failurePolicy=${policy}`]);
      const callsSince = await watchCalls(api, settings);
      await scale(0);

      await runningPod(settings, NAMESPACE);
      // Only missing labels show that there are no replicas.
      const object = SERVICE_ACCOUNT.object(`gone-${policy.toLowerCase()}`, { [OWNER]: 'eg' });
      const { status, body } = await api.send('POST', SERVICE_ACCOUNT.path(NAMESPACE), object);
      expect(status).toBe(policy === 'Fail' ? 500 : 201);
      if (policy === 'Ignore') expect(JSON.parse(body).metadata.labels).toEqual({ [OWNER]: 'eg' });
      const { failOpens } = await callsSince();
      const first = { [`standard.label.${NAME}`]: 1 };
      expect(failOpens).toEqual(policy === 'Fail' ? first : { ...first, [`twin.standard.label.${NAME}`]: 1 });

      await scale(1);
      await untilRolledOut();
      expect(await createEach(`back-${policy.toLowerCase()}`)).toEqual(both);
    },
  );

  test.for([
    ['the listed namespaces', `heal.namespaces={${NAMESPACE}}`],
    ['all namespaces', 'heal.allNamespaces=true'],
  ] as const)('heals objects that were created without a replica, in %s', async ([where, value]) => {
    // Scheduled once a year, and started by hand here.
    const schedule = 'heal.schedule=0 0 1 1 *';
    await upgrade([schedule, 'heal.namespaces=[]', 'heal.allNamespaces=false', value, 'webhook.failurePolicy=Ignore']);
    await scale(0);
    const name = where.replaceAll(' ', '-');
    const one = { [OWNER]: 'eg' };
    expect(await createEach(name)).toEqual(BLUEPRINTS.map(() => one));

    // heal also labels objects that other tests left.
    expect(await healNow(`heal-${name}`)).toMatch(/^added [1-9]\d* label/);
    const healed = await Promise.all(
      BLUEPRINTS.map(async ({ path }) => JSON.parse((await api.send('GET', `${path(NAMESPACE)}/${name}`)).body)),
    );
    expect(healed.map(({ metadata }) => metadata.labels)).toEqual(both);
    expect(await healNow(`heal-${name}-again`)).toMatch(/^added 0 labels, 0 objects still /);
    await scale(1);
    await untilRolledOut();
  });

  test(`labels every object while the engine changes to policy and back, at ${perSecond} creates a second`, async () => {
    const engines: string[] = [];
    const outcome = await underLoad({ api, settings, namespace: NAMESPACE, perSecond }, async () => {
      for (const engine of ['both', 'policy', 'both', 'webhook']) {
        await upgrade([`engine=${engine}`]);
        engines.push(await installedEngines());
        if (engine === 'policy') await untilNoPods();
        await untilDoctorFindsNothing();
      }
    });

    const [webhook, policy] = ['mutatingwebhookconfigurations', 'mutatingadmissionpolicybindings'];
    expect(engines).toEqual([`${webhook} and ${policy}`, policy, `${webhook} and ${policy}`, webhook]);
    expect(problemsOf(outcome)).toEqual(NO_PROBLEMS);
    expect(outcome.load.created).toBeGreaterThan(outcome.seconds * perSecond);
  });

  test('leaves no objects behind after an uninstallation', async () => {
    await uninstall();

    expect(await leftovers()).toBe('');
  });
});
