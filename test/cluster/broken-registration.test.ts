import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { auditAnnotations } from './audit.ts';
import { describeCluster, test } from './cluster-test.ts';
import { cluster, tryKubectl } from './kubectl.ts';
import { create, createNamespace, OPT_OUT, OWNER, objectOf, STANDARD } from './objects.ts';
import { failOpensDuring, register } from './registration.ts';
import { type ClientConfig, Webhook } from './webhook.ts';

const LABELS = { [OWNER]: 'eg' };

interface Broken {
  readonly what: string;
  readonly change: (good: ClientConfig) => ClientConfig | Promise<ClientConfig>;
  /** The API server's error. Users see it with `failurePolicy: Fail`. */
  readonly error: string;
}

const BROKEN: readonly Broken[] = [
  {
    what: 'a path that the webhook does not serve',
    change: (good) => ({ ...good, url: good.url.replace(/\/mutate$/, '/nowhere') }),
    error: 'failed to call webhook: not found: send admission reviews to POST /mutate',
  },
  {
    what: 'no caBundle',
    change: (good) => ({ ...good, caBundle: '' }),
    error: 'x509: certificate signed by unknown authority',
  },
  {
    what: "another CA's caBundle",
    change: async (good) => ({ ...good, caBundle: await anotherCA() }),
    error: 'x509: certificate signed by unknown authority',
  },
  {
    what: 'a caBundle that is not PEM',
    change: (good) => ({ ...good, caBundle: Buffer.from('nonsense').toString('base64') }),
    error: 'unable to load root certificates: unable to parse bytes as PEM block',
  },
];

describeCluster('a webhook configuration', () => {
  test.for(BROKEN)('with $what lets objects be created without the label', async ({ change }, { webhook }) => {
    await using registration = await register(await change(await webhook.clientConfig()));
    const namespace = await createNamespace(registration);

    const failOpens = await failOpensDuring(async () => {
      const { metadata } = await create(objectOf('Pod', { namespace, labels: LABELS }));
      expect(metadata.labels).toEqual(LABELS);
    });

    expect(failOpens).toEqual({ [registration.addStandard]: 1 });
    expect(Object.entries(await auditAnnotations('pods', namespace))).toContainEqual([
      expect.stringMatching(/^failed-open\.mutation\.webhook\.admission\.k8s\.io\/round_0_index_\d+$/),
      registration.addStandard,
    ]);
  });

  test.for(BROKEN)(
    'with $what and failurePolicy Fail shows users the error',
    async ({ change, error }, { webhook }) => {
      await using registration = await register({
        ...(await change(await webhook.clientConfig())),
        failurePolicy: 'Fail',
      });
      const namespace = await createNamespace(registration);

      const { exitCode, stderr } = await tryKubectl(
        ['create', '-f', '-'],
        objectOf('Pod', { namespace, labels: LABELS }),
      );

      expect(exitCode).toBe(1);
      expect(stderr).toContain(`failed calling webhook "${registration.addStandard}"`);
      expect(stderr).toContain(error);
    },
  );

  test("with another CA's caBundle makes the webhook log a warning, once", async () => {
    await using webhook = await Webhook.start();
    const good = await webhook.clientConfig();
    await using registration = await register({ ...good, caBundle: await anotherCA() });
    const namespace = await createNamespace(registration);
    await create(objectOf('Pod', { namespace, labels: LABELS }));

    const msg = 'a client does not trust the serving certificate: check that its caBundle contains ca.crt';
    expect(webhook.log.filter((line) => line.msg === msg)).toMatchObject([{ level: 'warn' }]);
  });

  test('with failurePolicy Fail blocks only objects that need a label while the webhook is down', async () => {
    await using webhook = await Webhook.start();
    await using registration = await register({ ...(await webhook.clientConfig()), failurePolicy: 'Fail' });
    const namespace = await createNamespace(registration);
    await webhook.stop();

    const matched = objectOf('Pod', { namespace, name: 'matched', labels: LABELS });
    const others = [{}, { ...LABELS, [STANDARD]: 'eg' }, { ...LABELS, [OPT_OUT]: '' }];
    for (const labels of others) await create(objectOf('Pod', { namespace, generateName: 'other-', labels }));

    const { exitCode, stderr } = await tryKubectl(['create', '-f', '-'], matched);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('connect: connection refused');
  });
});

/** A CA that did not sign the webhook's certificate: the API server's own. */
async function anotherCA(): Promise<string> {
  return (await readFile(cluster().certificateAuthority)).toString('base64');
}
