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

/** Enough for many calls to time out, and for the endpoint of the replica to be removed. */
const HANG_MS = 15_000;

/** The first attempt takes a second, the rest is for a slow machine. */
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
  const contentDoctor = () =>
    eventually('doctor to be content', async () => (await doctor(NAMESPACE)).result === 'ok' || undefined);
  /** The API server keeps its connections, even if the Service points elsewhere, until their Pods are gone. */
  const lead = async (targetPort: string | number) => {
    await retarget(targetPort);
    await restart();
  };
  const both = BLUEPRINTS.map(() => ({ [OWNER]: 'eg', [STANDARD]: 'eg' }));

  test.for([1, 2, 3])('labels what is created the moment `helm install --wait` returns (%i of 3)', async (count) => {
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
    // A test that ran nothing would succeed, too.
    expect(await helmTest()).toContain('gets both labels');
  });

  test('is well, says doctor', async () => {
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

  test.for<readonly [what: string, fault: string, damage: () => Promise<void>, mend: () => Promise<void>]>([
    ['nobody listens where the Service leads', 'refused', () => lead(9), () => retarget('https')],
    ['no TLS is talked where the Service leads', 'tls', () => lead('metrics'), () => retarget('https')],
    ['no Pod is there', 'missing', () => scale(0), () => scale(1)],
  ])('is not well, says doctor, when %s: %s', async ([, fault, damage, mend]) => {
    await damage();
    try {
      const found = await doctorWhenBroken(NAMESPACE);
      expect(of('call', found)[0]).toEqual(['adds-standard', 'failure', fault]);
      const [section, name] = fault === 'missing' ? ['endpoints', 'ready-pods'] : ['certificates', 'served'];
      expect(of(section, found).at(-1)).toEqual([name, 'failure', fault]);
    } finally {
      await mend();
    }
    await contentDoctor();
  });

  test.for([
    ['a rolling restart', restart],
    ['another rolling restart', restart],
    ['the deletion of a Pod', async () => deletePod(await anyPod())],
    ['a rotation of the CA and of every serving certificate', rotate],
  ] as const)(`misses nothing during %s, at ${perSecond} creates a second`, async ([, act]) => {
    const outcome = await underLoad({ api, settings, namespace: NAMESPACE, perSecond }, act);

    expect(problemsOf(outcome)).toEqual(NO_PROBLEMS);
    expect(outcome.load.created).toBeGreaterThan(outcome.seconds * perSecond);
  });

  test.for(['Ignore', 'Fail'] as const)(
    `misses and refuses nothing when a replica is killed, and when one hangs, at ${perSecond} creates a second (%s)`,
    async (policy) => {
      await upgrade([`webhook.failurePolicy=${policy}`]);
      await untilRolledOut();
      const outcome = await underLoad({ api, settings, namespace: NAMESPACE, perSecond }, async () => {
        // One of each Deployment.
        for (const pod of await webhookPods()) {
          await restartedBy(pod, () => killProcessOf(pod, settings));
          await hang(pod, settings, HANG_MS);
          await untilRolledOut();
        }
      });

      const { misses, errors, failOpens } = problemsOf(outcome);
      expect({ misses, errors }).toEqual({ misses: [], errors: [] });
      // Neither answered while it hung, so the test has seen second attempts.
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

  test('answers a review that is posted from inside the cluster', async () => {
    const { address, name, ca } = await clientOf();
    const review = JSON.stringify(recorded('envoy-serviceaccount.json'));

    const answer = JSON.parse(await runInPod(settings, NAMESPACE, POST_REVIEW, [address, name, ca, review]));

    expect(answer.response).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
  });

  test.for(['Ignore', 'Fail'] as const)(
    'holds no other Pod up when all replicas are gone, nor itself (%s)',
    async (policy) => {
      await upgrade([`webhook.failurePolicy=${policy}`]);
      const callsSince = await watchCalls(api, settings);
      await scale(0);

      await runningPod(settings, NAMESPACE);
      // Only missing labels show that the webhook is gone.
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
    ['the namespaces that are named', `heal.namespaces={${NAMESPACE}}`],
    ['all namespaces', 'heal.allNamespaces=true'],
  ] as const)('heals what was created while no replica answered, in %s', async ([where, value]) => {
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

  test(`misses nothing on the way to the policy and back, at ${perSecond} creates a second`, async () => {
    const engines: string[] = [];
    const outcome = await underLoad({ api, settings, namespace: NAMESPACE, perSecond }, async () => {
      for (const engine of ['both', 'policy', 'both', 'webhook']) {
        await upgrade([`engine=${engine}`]);
        engines.push(await installedEngines());
        if (engine === 'policy') await untilNoPods();
        await contentDoctor();
      }
    });

    const [webhook, policy] = ['mutatingwebhookconfigurations', 'mutatingadmissionpolicybindings'];
    expect(engines).toEqual([`${webhook} and ${policy}`, policy, `${webhook} and ${policy}`, webhook]);
    expect(problemsOf(outcome)).toEqual(NO_PROBLEMS);
    expect(outcome.load.created).toBeGreaterThan(outcome.seconds * perSecond);
  });

  test('is uninstalled without a trace', async () => {
    await uninstall();

    expect(await leftovers()).toBe('');
  });
});
