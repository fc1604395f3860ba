import { expect } from 'vitest';
import { describeCluster, test } from './cluster-test.ts';
import { eventually } from './eventually.ts';
import { kubectl } from './kubectl.ts';
import { createNamespace, type KubernetesObject, OWNER, objectOf, STANDARD, uniqueName } from './objects.ts';
import { failOpensDuring, register } from './registration.ts';
import { Relay } from './relay.ts';
import { certificateDirectory, Webhook } from './webhook.ts';

const CLIENTS = 3;
const OBJECTS_A_CALL = 20;

/** Decisions of each webhook, to be sure that both receive load. */
const ENOUGH = 50;

describeCluster('a rollout', () => {
  test('labels every object that is created while it runs', async () => {
    await using certificates = await certificateDirectory();
    await using old = await Webhook.start({ certificates: certificates.path, args: ['--quiet-period', '1'] });
    await using relay = await Relay.start(old.port);
    await using registration = await register(relay.inFrontOf(await old.clientConfig()));
    const namespace = await createNamespace(registration);

    const failOpens = await failOpensDuring(async () => {
      const stopLoad = startLoad(namespace);
      await untilBusy(old);

      await using successor = await Webhook.start({ certificates: certificates.path });
      relay.targets = [successor.port];
      await old.stop();
      await untilBusy(successor);
      await stopLoad();
    });

    expect(failOpens).toEqual({});
    const { items } = JSON.parse(await kubectl(['get', 'serviceaccounts', '-n', namespace, '-o', 'json']));
    expect(items.length).toBeGreaterThan(2 * ENOUGH);
    const labels = (items as KubernetesObject[]).map(({ metadata }) => metadata.labels);
    expect(labels).toEqual(labels.map(() => ({ [OWNER]: 'eg', [STANDARD]: 'eg' })));
  });
});

/** Creates objects until the returned function is called. */
function startLoad(namespace: string): () => Promise<void> {
  const object = () => objectOf('ServiceAccount', { namespace, name: uniqueName(), labels: { [OWNER]: 'eg' } });
  const list = () => ({ apiVersion: 'v1', kind: 'List', items: Array.from({ length: OBJECTS_A_CALL }, object) });
  const stopping = new AbortController();
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (!stopping.signal.aborted) await kubectl(['create', '-f', '-'], list());
  });
  return async () => {
    stopping.abort();
    await Promise.all(clients);
  };
}

async function untilBusy(webhook: Webhook): Promise<void> {
  await eventually('the webhook to be busy', async () => {
    const decided = webhook.log.filter(({ msg }) => msg === 'decided');
    return decided.length > ENOUGH || undefined;
  });
}
