import { expect, onTestFinished, test } from 'vitest';
import { callApi } from '../cluster/api.ts';
import { eventually } from '../cluster/eventually.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { createNamespace, type KubernetesObject, OWNER, objectOf, STANDARD } from '../cluster/objects.ts';
import { callsDuring, failOpensDuring } from '../cluster/registration.ts';
import { Relay } from '../cluster/relay.ts';
import { certificateDirectory, Webhook } from '../cluster/webhook.ts';
import { renderObjects } from './helm.ts';
import {
  configurationOf,
  configurationsOf,
  describeInstalled,
  type Entry,
  newRelease,
  storedEntries,
  writeCABundle,
} from './installed.ts';

const BOTH = { [OWNER]: 'eg', [STANDARD]: 'eg' };

/** The entries of each direction in their call order, and the Service that each one calls. */
const DIRECTIONS = [
  {
    given: OWNER,
    entries: ['standard.label.gateway-name-webhook', 'twin.standard.label.gateway-name-webhook'],
    asked: ['first', 'twin'],
  },
  {
    given: STANDARD,
    entries: ['twin.owner.label.gateway-name-webhook', 'owner.label.gateway-name-webhook'],
    asked: ['twin', 'first'],
  },
] as const;

type Replicas = Readonly<Record<'first' | 'twin', Relay>>;

describeInstalled('the two entries of a direction', () => {
  test('cause a single call, and each direction starts with a different replica', async () => {
    const { create, replicas } = await registered('Ignore');
    for (const { given, entries, asked } of DIRECTIONS) {
      const before = { first: replicas.first.connections, twin: replicas.twin.connections };
      const calls = await callsDuring(async () => {
        for (const _ of [1, 2, 3]) expect(await create(given)).toMatchObject({ status: 201, labels: BOTH });
      });
      expect(calls).toEqual({ [`${entries[0]} 200`]: 3 });
      expect(replicas[asked[1]].connections).toBe(before[asked[1]]);
    }
  });

  for (const failurePolicy of ['Ignore', 'Fail'] as const) {
    test(`try the other replica if the first one fails, with failurePolicy ${failurePolicy}`, async () => {
      const { create, replicas } = await registered(failurePolicy);
      for (const fault of ['refuse', 'silence'] as const) {
        for (const { given, entries, asked } of DIRECTIONS) {
          await replicas[asked[0]][fault]();
          const failOpens = await failOpensDuring(async () => {
            const { status, labels, ms } = await create(given);
            expect({ status, labels }).toEqual({ status: 201, labels: BOTH });
            // Half of timeoutSeconds, and some time for a busy machine.
            if (fault === 'silence') expect(ms).toBeGreaterThan(1_000);
            expect(ms).toBeLessThan(5_000);
          });
          expect(failOpens).toEqual({ [entries[0]]: 1 });
          await replicas[asked[0]].restore();
        }
      }
    });
  }

  test.for(DIRECTIONS)('miss the label only if both fail ($entries.0)', async ({ given, entries }) => {
    const { create, replicas } = await registered('Ignore');
    await Promise.all(Object.values(replicas).map((replica) => replica.silence()));
    const failOpens = await failOpensDuring(async () => {
      const { status, labels, ms } = await create(given);
      expect({ status, labels }).toEqual({ status: 201, labels: { [given]: 'eg' } });
      // timeoutSeconds in total, instead of Kubernetes' default of 10 s for each entry.
      expect(ms).toBeGreaterThan(2_000);
      expect(ms).toBeLessThan(9_000);
    });
    expect(failOpens).toEqual(Object.fromEntries(entries.map((entry) => [entry, 1])));
  });

  test.for(DIRECTIONS)(
    'refuse the object only if both fail, with failurePolicy Fail ($entries.0)',
    async ({ given, entries }) => {
      const { create, replicas } = await registered('Fail');
      await Promise.all(Object.values(replicas).map((replica) => replica.refuse()));
      const { status, message } = await create(given);
      expect(status).toBe(500);
      expect(message).toContain(`failed calling webhook "${entries[1]}"`);
    },
  );
});

describeInstalled('an upgrade from one entry a direction', () => {
  test.for([
    { way: 'server-side', args: ['--server-side', '--field-manager=helm'] },
    { way: 'client-side', args: [] },
  ])('adds the second entries in order, and keeps caBundles ($way)', async ({ args }) => {
    const release = await newRelease();
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': release.namespace } };
    const objects = await renderObjects({ webhook: { namespaceSelector } }, release);
    const { name, entries } = configurationOf(objects);
    onTestFinished(async () => void (await kubectl(['delete', 'mutatingwebhookconfiguration', name])));
    const apply = (webhooks: readonly Entry[]) =>
      kubectl(['apply', ...args, '-f', '-'], { ...configurationsOf(objects)[0], webhooks });
    await apply(entries.filter((entry) => !entry.name.startsWith('twin.')));
    await writeCABundle(name, 'of the webhook');

    await apply(entries);
    expect((await storedEntries(name)).map((entry) => [entry.name, entry.clientConfig.caBundle !== undefined])).toEqual(
      DIRECTIONS.flatMap(({ entries: [first, second] }) => [first, second]).map((entry) => [
        entry,
        !entry.startsWith('twin.'),
      ]),
    );
  });
});

/**
 * Creates the chart's webhook configuration for a namespace. Relays replace the Services, which have no Pods here.
 */
async function registered(failurePolicy: 'Ignore' | 'Fail') {
  const release = await newRelease();
  const namespace = await createNamespace();
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  const objects = await renderObjects({ webhook: { failurePolicy, namespaceSelector } }, release);
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const certificates = stack.use(await certificateDirectory());
  const replica = async () => {
    const webhook = stack.use(await Webhook.start({ certificates: certificates.path }));
    const relay = stack.use(await Relay.start(webhook.port));
    return { relay, clientConfig: relay.inFrontOf(await webhook.clientConfig()) };
  };
  const replicas = { first: await replica(), twin: await replica() };

  const { name, entries } = configurationOf(objects);
  const webhooks = entries.map((entry) => {
    const { name: service } = entry.clientConfig['service'] as { name: string };
    return { ...entry, clientConfig: replicas[service.endsWith('-twin') ? 'twin' : 'first'].clientConfig };
  });
  await kubectl(['create', '-f', '-'], { ...configurationsOf(objects)[0], webhooks });
  stack.defer(async () => void (await kubectl(['delete', 'mutatingwebhookconfiguration', name])));

  const create = async (given: string, query = '') => {
    const object = objectOf('ServiceAccount', { namespace, generateName: 'eg-', labels: { [given]: 'eg' } });
    const startedAt = performance.now();
    const { status, body } = await callApi('POST', `/api/v1/namespaces/${namespace}/serviceaccounts${query}`, object);
    const { metadata, message } = body as KubernetesObject;
    return { status, labels: metadata.labels, message, ms: performance.now() - startedAt };
  };
  await eventually('the API server to call the webhook', async () => {
    return (await create(OWNER, '?dryRun=All')).labels?.[STANDARD] === 'eg' || undefined;
  });
  const relays: Replicas = { first: replicas.first.relay, twin: replicas.twin.relay };
  return { create, replicas: relays };
}
