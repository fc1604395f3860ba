import { expect, test } from 'vitest';
import { Conflict } from '../../src/certificates/trust-store.ts';
import { kubernetesTrustStore } from '../../src/kubernetes/kubernetes-trust-store.ts';
import { openOwnCluster } from '../../src/kubernetes/own-cluster.ts';
import { callApi } from './api.ts';
import { describeCluster } from './cluster-test.ts';
import { kubectl } from './kubectl.ts';
import { HELM, Installation, SECRET } from './self-installation.ts';

const CA_BUNDLE = 'a caBundle\n';

/** An installation without a replica, and the store of one. */
async function install(stack: AsyncDisposableStack) {
  const installation = stack.use(await Installation.create());
  const { name, namespace, serviceAccount } = installation;
  const store = kubernetesTrustStore({
    client: await openOwnCluster(await installation.environment(), serviceAccount),
    secret: { namespace, name: SECRET },
    configuration: name,
  });
  const [secret, configuration] = await Promise.all([store.readSecret(), store.readConfiguration()]);
  if (!secret || !configuration) throw new Error('There is nothing to write to');
  const entries = configuration.entries.map((entry) => entry.name);
  return { installation, store, secret, configuration, entries };
}

describeCluster('what has changed since it was read is not written', () => {
  test('a configuration that was written to', async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, configuration, entries } = await install(stack);
    await store.writeBundle(configuration.resourceVersion, entries, CA_BUNDLE);
    await expect(store.writeBundle(configuration.resourceVersion, entries, 'another')).rejects.toThrow(Conflict);
    expect(await installation.caBundles()).toEqual([CA_BUNDLE, CA_BUNDLE]);
  });

  test('a configuration that was deleted: no half of one appears', async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, configuration, entries } = await install(stack);
    await kubectl(['delete', 'mutatingwebhookconfiguration', installation.name]);
    await expect(store.writeBundle(configuration.resourceVersion, entries, CA_BUNDLE)).rejects.toThrow(Conflict);
    expect(await callApi('GET', installation.configurationPath)).toMatchObject({ status: 404 });
  });

  test('a configuration that was made anew', async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, configuration, entries } = await install(stack);
    await kubectl(['delete', 'mutatingwebhookconfiguration', installation.name]);
    await installation.createConfiguration();
    await expect(store.writeBundle(configuration.resourceVersion, entries, CA_BUNDLE)).rejects.toThrow(Conflict);
    expect(await installation.caBundles()).toEqual(['', '']);
  });

  test('an entry that is not there: all of it is refused', async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, configuration, entries } = await install(stack);
    const more = [...entries, 'another.example.com'];
    await expect(store.writeBundle(configuration.resourceVersion, more, CA_BUNDLE)).rejects.toThrow(/^The API server/);
    expect(await installation.caBundles()).toEqual(['', '']);
  });

  test('a Secret that was written to', async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, secret } = await install(stack);
    await store.writeSecret(secret.resourceVersion, '[]');
    await expect(store.writeSecret(secret.resourceVersion, 'another')).rejects.toThrow(Conflict);
    expect(await installation.storedCAs()).toEqual([]);
    expect(await store.readSecret()).toMatchObject({ content: '[]' });
  });

  test('a Secret that was deleted: none appears without what Helm knows it by', async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, secret } = await install(stack);
    await installation.deleteSecret();
    await expect(store.writeSecret(secret.resourceVersion, '[]')).rejects.toThrow(Conflict);
    expect(await installation.secret()).toBeUndefined();
  });

  test('a Secret that was made meanwhile keeps its CAs', async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, secret } = await install(stack);
    await store.writeSecret(secret.resourceVersion, '[1]');
    await store.createSecret(HELM);
    expect(await store.readSecret()).toMatchObject({ content: '[1]' });
    expect(await installation.secret()).toMatchObject({ metadata: HELM });
  });
});
