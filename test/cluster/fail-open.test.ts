import { expect } from 'vitest';
import { describeCluster, test } from './cluster-test.ts';
import { freePort } from './free-port.ts';
import { create, createNamespace, KINDS, type Labels, OWNER, objectOf, STANDARD } from './objects.ts';
import { failOpensDuring, type Registration, register } from './registration.ts';
import { certificateDirectory, Webhook } from './webhook.ts';

const ONE = { [OWNER]: 'eg' };
const BOTH = { [OWNER]: 'eg', [STANDARD]: 'eg' };

describeCluster('if the webhook does not answer', () => {
  test('objects are created without the label while it is down, and with it after a restart', async () => {
    await using certificates = await certificateDirectory();
    const port = await freePort();
    await using before = await Webhook.start({ port, certificates: certificates.path });
    await using registration = await register(await before.clientConfig());

    expect(await createEveryKind(registration)).toEqual({ labels: [BOTH, BOTH, BOTH], failOpens: {} });

    await before.stop();
    expect(await createEveryKind(registration)).toEqual({
      labels: [ONE, ONE, ONE],
      failOpens: { [registration.addStandard]: 3 },
    });

    await using _after = await Webhook.start({ port, certificates: certificates.path });
    expect(await createEveryKind(registration)).toEqual({ labels: [BOTH, BOTH, BOTH], failOpens: {} });
  });

  test('an object is created after two seconds while it hangs', async () => {
    await using webhook = await Webhook.start();
    await using registration = await register(await webhook.clientConfig());
    const namespace = await createNamespace(registration);

    webhook.pause();
    const started = performance.now();
    const failOpens = await failOpensDuring(async () => {
      const { metadata } = await create(objectOf('Pod', { namespace, labels: ONE }));
      expect(metadata.labels).toEqual(ONE);
    });
    const seconds = (performance.now() - started) / 1000;

    expect(failOpens).toEqual({ [registration.addStandard]: 1 });
    expect(seconds).toBeGreaterThan(2);
    // 10 s is the default of timeoutSeconds.
    expect(seconds).toBeLessThan(9);
  });
});

/** Creates an object of every kind; returns their labels and how often the API server failed open. */
async function createEveryKind(registration: Registration) {
  const namespace = await createNamespace(registration);
  const labels: (Labels | undefined)[] = [];
  const failOpens = await failOpensDuring(async () => {
    for (const kind of KINDS) {
      labels.push((await create(objectOf(kind, { namespace, labels: ONE }))).metadata.labels);
    }
  });
  return { labels, failOpens };
}
