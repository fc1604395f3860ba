import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { CA_SECRET_KEY } from '../../src/certificates/ca-secret.ts';
import { TIMING } from '../../src/certificates/timing.ts';
import { callApi } from './api.ts';
import { describeCluster } from './cluster-test.ts';
import { eventually } from './eventually.ts';
import { kubectl } from './kubectl.ts';
import { CHART_RIGHTS, fingerprints, HELM, Installation, type Rights } from './self-installation.ts';

/** From the start of the replicas to the first object with both labels. */
const FIRST_MUTATION_MS = 5_000;

const SOON = { ...TIMING, pollMs: 1_000 };

interface Without {
  readonly lost: Partial<Rights>;
  readonly forbidden: string;
}

const WITHOUT: readonly Without[] = [
  { lost: { secret: ['patch', 'create'] }, forbidden: 'get resource "secrets"' },
  { lost: { secret: ['get', 'create'] }, forbidden: 'patch resource "secrets"' },
  { lost: { secret: ['get', 'patch'] }, forbidden: 'create resource "secrets"' },
  { lost: { configuration: ['patch'] }, forbidden: 'get resource "mutatingwebhookconfigurations"' },
  { lost: { configuration: ['get'] }, forbidden: 'patch resource "mutatingwebhookconfigurations"' },
];

describeCluster('the first start in the mode self', () => {
  // The image runs the bundle, which starts in half the time of the sources.
  beforeAll(() => promisify(execFile)(process.execPath, ['build.ts']));

  test.for([1, 3])('of %i replicas at once labels objects within five seconds, with one CA', async (count) => {
    await using installation = await Installation.create();
    const startedAt = performance.now();
    const replicas = await Promise.all(Array.from({ length: count }, () => installation.start({ isBundled: true })));
    await installation.untilMutated();
    expect(performance.now() - startedAt).toBeLessThan(FIRST_MUTATION_MS);

    await Promise.all(replicas.map((replica) => replica.untilReady()));
    const caBundles = await installation.caBundles();
    const [caBundle = ''] = caBundles;
    expect(caBundles).toEqual([caBundle, caBundle]);
    expect(fingerprints(caBundle)).toHaveLength(1);
    expect(await installation.storedCAs()).toMatchObject([{ certificate: caBundle, state: 'active' }]);
    for (const replica of replicas) {
      expect(await installation.verify(replica, caBundle)).toBeUndefined();
      expect(await replica.metric('api_server_errors_total')).toBe(0);
      expect(await replica.metric('ca_bundle_in_sync')).toBe(1);
    }
  });

  test.concurrent('creates a missing Secret as Helm would', async () => {
    await using installation = await Installation.create({ hasSecret: false });
    const replicas = await installation.startReady(3, { timing: SOON });

    const secret = await installation.secret();
    expect(secret).toMatchObject({ type: 'Opaque', metadata: HELM });
    expect(secret?.metadata.labels).toEqual(HELM.labels);
    expect(secret?.metadata['annotations']).toEqual(HELM.annotations);
    expect(Object.keys(secret?.data ?? {})).toEqual([CA_SECRET_KEY]);
    const cas = await installation.storedCAs();
    expect(cas).toMatchObject([{ state: 'active' }]);
    expect(new Set((await installation.caBundles()).flatMap(fingerprints)).size).toBe(1);
    for (const replica of replicas) expect(await replica.metric('api_server_errors_total')).toBe(0);

    // The next upgrade has no conflict, and keeps the CAs.
    await kubectl(['apply', '--server-side', '--field-manager=helm', '-f', '-'], installation.secretManifest());
    expect(await installation.storedCAs()).toEqual(cas);
  });

  test.concurrent('waits for a missing configuration, and never creates it', async () => {
    await using installation = await Installation.create({ hasConfiguration: false });
    const replica = await installation.start({ timing: SOON });
    const reason = 'the MutatingWebhookConfiguration does not exist yet';
    await eventually('the reason', async () => (await replica.readiness()) === `not ready: ${reason}\n` || undefined);

    // After three more polls, it would have created the configuration.
    await delay(3 * SOON.pollMs);
    expect(await callApi('GET', installation.configurationPath)).toMatchObject({ status: 404 });
    expect(await installation.storedCAs()).toEqual([]);
    expect(await replica.isAlive()).toBe(true);
    expect(await replica.isReady()).toBe(false);
    expect(replica.lines('waiting')).toMatchObject([{ level: 'info', reason }]);
    // It does not listen: a connection would be accepted but not answered.
    expect(replica.lines('listening')).toEqual([]);

    await installation.createConfiguration();
    await replica.untilReady();
    expect(replica.lines('listening')).toHaveLength(1);
    await installation.untilMutated();
  });

  test.concurrent('does not recreate a configuration that is deleted later', async () => {
    await using installation = await Installation.create();
    const [replica] = await installation.startReady(1, { timing: SOON });
    await kubectl(['delete', 'mutatingwebhookconfiguration', installation.name]);
    await eventually('a poll of it', async () => replica?.lines('waiting')[0]);
    await delay(3 * SOON.pollMs);
    expect(await callApi('GET', installation.configurationPath)).toMatchObject({ status: 404 });
    expect(replica?.lapses).toEqual([]);

    await installation.createConfiguration();
    await installation.untilMutated();
    expect(replica?.lapses).toEqual([]);
  });

  test.concurrent.for(WITHOUT)(
    'reports the missing permission to $forbidden, and is not ready',
    async ({ lost, forbidden }) => {
      await using installation = await Installation.create({ hasSecret: false, rights: { ...CHART_RIGHTS, ...lost } });
      const replica = await installation.start({ timing: SOON });
      const [line] = await eventually('the reason', async () => {
        const lines = replica.lines('failed to maintain the CAs, serving with the current certificate');
        return lines.length > 0 ? lines : undefined;
      });
      expect(line).toMatchObject({ level: 'warn', err: { message: expect.stringMatching(refusal(forbidden)) } });
      expect(line).toHaveProperty('err.message', expect.stringMatching(/"(webhook-ca|self-[0-9a-f]{8})" is forbidden/));
      expect(await replica.metric('api_server_errors_total')).toBeGreaterThan(0);
      expect(await replica.isAlive()).toBe(true);
      expect(await replica.readiness()).toMatch(refusal(forbidden));

      await installation.grant(CHART_RIGHTS);
      await replica.untilReady();
      await installation.untilMutated();
      await eventually('the log to say so', async () => replica.lines('the API server answers again')[0]);
    },
  );
});

/** For an apply that would create an object, Kubernetes 1.30 does not name the missing permission. */
function refusal(forbidden: string): RegExp {
  return new RegExp(
    forbidden.startsWith('create ') ? `cannot ${forbidden}|is forbidden: \\n?$` : `cannot ${forbidden}`,
  );
}
