import { describe, expect, test } from 'vitest';
import { Conflict } from '../../src/certificates/trust-store.ts';
import { ApiClient } from '../../src/kubernetes/api-client.ts';
import { ApiError } from '../../src/kubernetes/api-error.ts';
import { kubernetesTrustStore } from '../../src/kubernetes/kubernetes-trust-store.ts';
import { startApiServer, writeKubeconfig } from '../support/api-server.ts';

const SECRET_PATH = '/api/v1/namespaces/a-namespace/secrets/a-secret';
const CONFIGURATION_PATH = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/a-configuration';

async function storeOf(answer: Parameters<typeof startApiServer>[0]) {
  const server = await startApiServer(answer);
  const kubeconfig = writeKubeconfig({ server: server.url, ca: server.ca });
  const store = kubernetesTrustStore({
    client: new ApiClient({ kubeconfig }, {}),
    secret: { namespace: 'a-namespace', name: 'a-secret' },
    configuration: 'a-configuration',
  });
  return { ...server, store };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('kubernetesTrustStore() reads', () => {
  test('the CAs of the Secret', async () => {
    const { store, requests } = await storeOf(() => [
      200,
      { metadata: { uid: 'u7', resourceVersion: '7' }, data: { 'cas.json': base64('grüße'), other: base64('x') } },
    ]);
    expect(await store.readSecret()).toStrictEqual({ resourceVersion: '7', content: 'grüße' });
    expect(requests).toMatchObject([{ method: 'GET', path: SECRET_PATH, query: {} }]);
  });

  test.for([
    { name: 'without data', data: undefined },
    { name: 'with other data', data: { other: base64('x') } },
  ])('a Secret $name', async ({ data }) => {
    const { store } = await storeOf(() => [200, { metadata: { uid: 'u7', resourceVersion: '7' }, data }]);
    expect(await store.readSecret()).toStrictEqual({ resourceVersion: '7', content: undefined });
  });

  test('empty content as an empty string, not as missing content', async () => {
    const { store } = await storeOf(() => [
      200,
      { metadata: { uid: 'u7', resourceVersion: '7' }, data: { 'cas.json': '' } },
    ]);
    expect(await store.readSecret()).toStrictEqual({ resourceVersion: '7', content: '' });
  });

  test("the caBundle of each entry, and Helm's ownership metadata", async () => {
    const { store, requests } = await storeOf(() => [
      200,
      {
        metadata: {
          uid: 'u8',
          resourceVersion: '8',
          labels: { 'app.kubernetes.io/managed-by': 'Helm', 'app.kubernetes.io/version': '1' },
          annotations: {
            'meta.helm.sh/release-name': 'r',
            'meta.helm.sh/release-namespace': 'n',
            'meta.helm.sh/other': 'x',
          },
        },
        webhooks: [
          { name: 'first', clientConfig: { caBundle: base64('PEM'), service: { name: 's' } } },
          { name: 'second', clientConfig: {} },
        ],
      },
    ]);
    expect(await store.readConfiguration()).toStrictEqual({
      resourceVersion: '8',
      entries: [
        { name: 'first', caBundle: 'PEM' },
        { name: 'second', caBundle: '' },
      ],
      helm: {
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'meta.helm.sh/release-name': 'r', 'meta.helm.sh/release-namespace': 'n' },
      },
    });
    expect(requests).toMatchObject([{ method: 'GET', path: CONFIGURATION_PATH, query: {} }]);
  });

  test('a webhook configuration without fields', async () => {
    const { store } = await storeOf(() => [200, { metadata: { uid: 'u8', resourceVersion: '8' } }]);
    expect(await store.readConfiguration()).toStrictEqual({
      resourceVersion: '8',
      entries: [],
      helm: { labels: {}, annotations: {} },
    });
  });

  test('that neither of them exists', async () => {
    const { store } = await storeOf(() => [404, { message: 'not found' }]);
    expect([await store.readSecret(), await store.readConfiguration()]).toEqual([undefined, undefined]);
  });

  test('nothing without permission, which does not mean that they do not exist', async () => {
    const { store } = await storeOf(() => [403, { message: 'forbidden' }]);
    await expect(store.readSecret()).rejects.toThrow(`The API server refused GET ${SECRET_PATH}: forbidden`);
    await expect(store.readConfiguration()).rejects.toThrow(ApiError);
  });
});

describe('kubernetesTrustStore() compares its clock with the API server', () => {
  const HOUR_MS = 3_600_000;

  /** The result if the API servers that answer the two reads are this many hours behind; undefined: no Date header. */
  async function aheadBy(secret: number | undefined, configuration: number | undefined) {
    const dateOf = (path: string) => {
      const hours = path === SECRET_PATH ? secret : configuration;
      return hours === undefined ? undefined : new Date(Date.now() - hours * HOUR_MS).toUTCString();
    };
    const { store, clock } = await storeOf(({ path }) => {
      clock.date = () => dateOf(path);
      return [404, {}];
    });
    expect(store.clockAheadMs()).toBeUndefined();
    await store.readSecret();
    await store.readConfiguration();
    const aheadMs = store.clockAheadMs();
    return aheadMs === undefined ? undefined : Math.round(aheadMs / HOUR_MS);
  }

  test.for([
    { secret: 3, configuration: 3, ahead: 3 },
    { secret: -3, configuration: -3, ahead: -3 },
    { secret: 3, configuration: undefined, ahead: 3 },
    { secret: undefined, configuration: -3, ahead: -3 },
    { secret: undefined, configuration: undefined, ahead: undefined },
    // If two API servers disagree, one is wrong: probably not the one that agrees with the local clock.
    { secret: 24, configuration: 0, ahead: 0 },
    { secret: 0, configuration: -24, ahead: 0 },
  ])('with the answers to both reads: $secret h and $configuration h return $ahead h', async (given) => {
    expect(await aheadBy(given.secret, given.configuration)).toBe(given.ahead);
  });

  test('with only the last answers', async () => {
    const { store, clock } = await storeOf(() => [404, {}]);
    await Promise.all([store.readSecret(), store.readConfiguration()]);
    clock.date = () => undefined;
    await Promise.all([store.readSecret(), store.readConfiguration()]);
    expect(store.clockAheadMs()).toBeUndefined();
  });

  test('over new connections after reconnect()', async () => {
    const { store, server } = await storeOf(() => [404, {}]);
    let connections = 0;
    server.on('secureConnection', () => {
      connections += 1;
    });
    await store.readSecret();
    store.reconnect();
    await store.readSecret();
    expect(connections).toBe(2);
  });
});

describe('kubernetesTrustStore() writes', () => {
  const applied = (fieldManager: string) => ({ fieldManager, force: 'true', fieldValidation: 'Strict' });

  /** The reads return this uid and these versions; the writes return what was sent. */
  const READ = { secrets: { uid: 'u7', resourceVersion: '7' }, configurations: { uid: 'u8', resourceVersion: '8' } };
  const found: Parameters<typeof startApiServer>[0] = ({ path }) => [
    200,
    { metadata: path === SECRET_PATH ? READ.secrets : READ.configurations },
  ];

  test('only the CAs of the Secret that was read, if it has not changed', async () => {
    const { store, requests } = await storeOf(found);
    await store.readConfiguration();
    await store.readSecret();
    expect(await store.writeSecret('7', 'grüße')).toBeUndefined();
    const written = requests[2];
    expect(written).toMatchObject({ method: 'PATCH', path: SECRET_PATH, query: applied('gateway-name-webhook') });
    expect(written?.body).toStrictEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'a-namespace', name: 'a-secret', uid: 'u7', resourceVersion: '7' },
      data: { 'cas.json': base64('grüße') },
    });
  });

  test('only to the Secret of the last read, not to another one of the same name', async () => {
    const versions = ['u1', 'u2'];
    const { store, requests } = await storeOf(({ method }) => {
      if (method === 'PATCH') return [200, {}];
      const uid = versions.shift();
      return uid === undefined ? [404, {}] : [200, { metadata: { uid, resourceVersion: uid } }];
    });
    await store.readSecret();
    await store.readSecret();
    expect(await store.readSecret()).toBeUndefined();
    await store.writeSecret('u2', 'x');
    expect(requests.at(-1)?.body).toMatchObject({ metadata: { uid: 'u2', resourceVersion: 'u2' } });
  });

  test('a new Secret as another field manager, without data, so that existing CAs stay', async () => {
    const { store, requests } = await storeOf(() => [201, {}]);
    expect(await store.createSecret({ labels: { a: 'b' }, annotations: { c: 'd' } })).toBeUndefined();
    expect(requests).toMatchObject([
      { method: 'PATCH', path: SECRET_PATH, query: applied('gateway-name-webhook-restore') },
    ]);
    expect(requests[0]?.body).toStrictEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'a-namespace', name: 'a-secret', labels: { a: 'b' }, annotations: { c: 'd' } },
      type: 'Opaque',
    });
  });

  test('only the caBundle of the webhook configuration that was read, in the given entries', async () => {
    const { store, requests } = await storeOf(found);
    await store.readSecret();
    await store.readConfiguration();
    expect(await store.writeBundle('8', ['first', 'second'], 'PEM')).toBeUndefined();
    const written = requests[2];
    expect(written).toMatchObject({
      method: 'PATCH',
      path: CONFIGURATION_PATH,
      query: applied('gateway-name-webhook'),
    });
    expect(written?.body).toStrictEqual({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'a-configuration', uid: 'u8', resourceVersion: '8' },
      webhooks: [
        { name: 'first', clientConfig: { caBundle: base64('PEM') } },
        { name: 'second', clientConfig: { caBundle: base64('PEM') } },
      ],
    });
  });

  test('nothing that has changed since the read, which is a conflict', async () => {
    const { store } = await storeOf(() => [409, { message: 'the object has been modified' }]);
    const conflict = { name: 'Conflict', message: expect.stringMatching(/PATCH .*: the object has been modified$/) };
    for (const write of [() => store.writeSecret('7', 'x'), () => store.writeBundle('8', ['first'], 'x')]) {
      const error = await write().catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(Conflict);
      expect(error).toMatchObject(conflict);
    }
  });

  test.for([403, 404, 422, 500])('nothing if it is refused: %i is not a conflict', async (code) => {
    const { store } = await storeOf(() => [code, { message: 'no' }]);
    const writes = [
      () => store.writeSecret('7', 'x'),
      () => store.writeBundle('8', ['first'], 'x'),
      () => store.createSecret({ labels: {}, annotations: {} }),
    ];
    for (const write of writes) {
      const error = await write().catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ code });
    }
  });

  test('no Secret in a missing namespace, which a retry would not create', async () => {
    const { store } = await storeOf(() => [404, { message: 'namespaces "a-namespace" not found' }]);
    await expect(store.createSecret({ labels: {}, annotations: {} })).rejects.toThrow(ApiError);
  });

  test('nothing without an API server, which is not a conflict', async () => {
    const { store, stop } = await storeOf(() => [200, {}]);
    await stop();
    await expect(store.writeSecret('7', 'x')).rejects.toMatchObject({ name: 'ApiError', code: undefined });
  });
});
