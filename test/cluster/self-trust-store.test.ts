import { expect, test } from 'vitest';
import { Conflict } from '../../src/certificates/trust-store.ts';
import { kubernetesTrustStore } from '../../src/kubernetes/kubernetes-trust-store.ts';
import { openOwnCluster } from '../../src/kubernetes/own-cluster.ts';
import { callApi } from './api.ts';
import { describeCluster } from './cluster-test.ts';
import { kubectl } from './kubectl.ts';
import { HELM, Installation, SECRET } from './self-installation.ts';

const CA_BUNDLE = 'a caBundle\n';

/** Creates an installation without replicas, and a replica's store. */
async function install(stack: AsyncDisposableStack) {
  const installation = stack.use(await Installation.create());
  const { name, namespace, serviceAccount } = installation;
  const store = kubernetesTrustStore({
    client: await openOwnCluster(await installation.environment(), serviceAccount),
    secret: { namespace, name: SECRET },
    configuration: name,
  });
  const [secret, configuration] = await Promise.all([store.readSecret(), store.readConfiguration()]);
  if (!secret || !configuration) throw new Error('The Secret or the configuration does not exist');
  const entries = configuration.entries.map((entry) => entry.name);
  return { installation, store, secret, configuration, entries };
}

describeCluster('the trust store', () => {
  test('refuses to write to a configuration that was changed since it was read', async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, configuration, entries } = await install(stack);
    await store.writeBundle(configuration.resourceVersion, entries, CA_BUNDLE);
    await expect(store.writeBundle(configuration.resourceVersion, entries, 'another')).rejects.toThrow(Conflict);
    expect(await installation.caBundles()).toEqual([CA_BUNDLE, CA_BUNDLE]);
  });

  test('refuses to write to a deleted configuration, and creates no partial one', async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, configuration, entries } = await install(stack);
    await kubectl(['delete', 'mutatingwebhookconfiguration', installation.name]);
    await expect(store.writeBundle(configuration.resourceVersion, entries, CA_BUNDLE)).rejects.toThrow(Conflict);
    expect(await callApi('GET', installation.configurationPath)).toMatchObject({ status: 404 });
  });

  test('refuses to write to a configuration that was recreated since it was read', async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, configuration, entries } = await install(stack);
    await kubectl(['delete', 'mutatingwebhookconfiguration', installation.name]);
    await installation.createConfiguration();
    await expect(store.writeBundle(configuration.resourceVersion, entries, CA_BUNDLE)).rejects.toThrow(Conflict);
    expect(await installation.caBundles()).toEqual(['', '']);
  });

  test('writes no entry if one of them does not exist', async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, configuration, entries } = await install(stack);
    const more = [...entries, 'another.example.com'];
    await expect(store.writeBundle(configuration.resourceVersion, more, CA_BUNDLE)).rejects.toThrow(/^The API server/);
    expect(await installation.caBundles()).toEqual(['', '']);
  });

  test('refuses to write to a Secret that was changed since it was read', async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, secret } = await install(stack);
    await store.writeSecret(secret.resourceVersion, '[]');
    await expect(store.writeSecret(secret.resourceVersion, 'another')).rejects.toThrow(Conflict);
    expect(await installation.storedCAs()).toEqual([]);
    expect(await store.readSecret()).toMatchObject({ content: '[]' });
  });

  test("refuses to write to a deleted Secret, and creates none without Helm's metadata", async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, secret } = await install(stack);
    await installation.deleteSecret();
    await expect(store.writeSecret(secret.resourceVersion, '[]')).rejects.toThrow(Conflict);
    expect(await installation.secret()).toBeUndefined();
  });

  test('keeps the CAs of a Secret that already exists when it creates one', async () => {
    await using stack = new AsyncDisposableStack();
    const { installation, store, secret } = await install(stack);
    await store.writeSecret(secret.resourceVersion, '[1]');
    await store.createSecret(HELM);
    expect(await store.readSecret()).toMatchObject({ content: '[1]' });
    expect(await installation.secret()).toMatchObject({ metadata: HELM });
  });
});
