import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ApiServer } from '../e2e/api-server.ts';
import { anyPod, deletePod, diagnosis, install, NAME, restart, takeCluster, uninstall } from '../e2e/installation.ts';
import { Load } from '../e2e/load.ts';
import { kubectl } from '../e2e/program.ts';
import { readSettings } from '../e2e/settings.ts';
import { NO_PROBLEMS, problemsOf, underLoad } from '../e2e/under-load.ts';
import { renew, untilServed } from './certificate.ts';
import { ExternalIssuer } from './external-issuer.ts';
import { createClusterIssuer, ISSUERS } from './issuers.ts';

const NAMESPACE = `${NAME}-e2e`;

/** The Certificate of the chart's own CA. */
const CA = `${NAME}-cert-manager-ca`;

const settings = readSettings();
const { perSecond } = settings;

describe('the chart with certificates of cert-manager', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await ApiServer.current();
    const giveBack = await takeCluster(NAMESPACE);
    const deleteClusterIssuer = await createClusterIssuer();
    const external = await ExternalIssuer.create();
    return async () => {
      await giveBack();
      await external[Symbol.asyncDispose]();
      await deleteClusterIssuer();
      api.close();
    };
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(await diagnosis());
  });

  test.for(Object.entries(ISSUERS).toReversed())(
    'labels objects as soon as `helm install --wait` returns, with %s',
    async ([issuer, values]) => {
      await uninstall();
      // cert-manager keeps the Secret of a deleted Certificate.
      const left = ['--namespace', NAME, '--selector', `app.kubernetes.io/instance=${NAME}`];
      await kubectl(['delete', 'secrets', ...left]);
      const before = new Load(api, NAMESPACE, perSecond);
      const startedAtMs = Date.now();

      await install(settings, ['certificates.mode=cert-manager', ...values]).finally(() => before.stop());

      const returnedAtMs = Date.now();
      const after = await underLoad({ api, settings, namespace: NAMESPACE, perSecond }, async () => {});
      expect(problemsOf(after)).toEqual(NO_PROBLEMS);
      const { firstLabelledAtMs = returnedAtMs } = await before.stop();
      console.log(
        `${issuer}: labeled after ${firstLabelledAtMs - startedAtMs} ms, returned after ${returnedAtMs - startedAtMs} ms`,
      );
    },
  );

  // With the last issuer, the chart's own: only this one has a CA that the release owns.
  test.for([
    ['a renewal of the serving certificate', () => renew(NAME).then(() => untilServed(api))],
    [
      'a rotation of the CA and of the certificate that it has signed',
      async () => {
        await renew(CA);
        await renew(NAME);
        await untilServed(api);
      },
    ],
    ['a rolling restart', restart],
    ['the deletion of a Pod', async () => deletePod(await anyPod())],
  ] as const)(`labels every object during %s, at ${perSecond} creates a second`, async ([, act]) => {
    const outcome = await underLoad({ api, settings, namespace: NAMESPACE, perSecond }, act);

    expect(problemsOf(outcome)).toEqual(NO_PROBLEMS);
    expect(outcome.load.created).toBeGreaterThan(outcome.seconds * perSecond);
  });
});
