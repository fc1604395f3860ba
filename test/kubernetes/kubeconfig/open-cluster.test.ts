import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ApiClient } from '../../../src/kubernetes/api-client.ts';
import { startApiServer, writeKubeconfig } from '../../support/api-server.ts';
import { podEnvironment, writeServiceAccount } from '../../support/service-account.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

/** The environment of a Pod with an empty home directory. */
async function startPod() {
  const api = await startApiServer(() => [200, {}]);
  const serviceAccount = writeServiceAccount(api);
  const environment = {
    ...podEnvironment(api),
    HOME: temporaryDirectory(),
    GATEWAY_NAME_WEBHOOK_SERVICE_ACCOUNT: serviceAccount,
  };
  return { ...api, serviceAccount, environment, kubeconfig: writeKubeconfig({ server: `${api.url}/k`, ca: api.ca }) };
}

describe('in a Pod', () => {
  test("without a kubeconfig, the cluster is the Pod's", async () => {
    const { environment, serviceAccount, requests } = await startPod();
    const client = new ApiClient({}, environment);
    await client.get({ path: '/a' });
    expect(requests).toMatchObject([{ path: '/a', headers: { authorization: 'Bearer a-token' } }]);
    expect([client.isInCluster, client.namespace]).toEqual([true, 'default']);
    expect(client.cluster).toMatch(/^https:\/\/.* \(in-cluster\)$/);
    writeFileSync(join(serviceAccount, 'namespace'), 'its-namespace\n');
    expect(new ApiClient({}, environment).namespace).toBe('its-namespace');
    expect(new ApiClient({}, { ...environment, POD_NAMESPACE: 'other' }).namespace).toBe('other');
    await new ApiClient({ as: 'jane', asGroup: ['g'] }, environment).get({ path: '/a' });
    expect(requests[1]?.headers).toMatchObject({ 'impersonate-user': 'jane', 'impersonate-group': 'g' });
  });

  test("if no file in KUBECONFIG exists, the cluster is the Pod's", async () => {
    const { environment } = await startPod();
    expect(new ApiClient({}, { ...environment, KUBECONFIG: '/none' }).isInCluster).toBe(true);
  });

  test("the cluster is the kubeconfig's, and the namespace is the Pod's if the context has none", async () => {
    const { environment, serviceAccount, kubeconfig, requests } = await startPod();
    writeFileSync(join(serviceAccount, 'namespace'), 'its-namespace\n');
    const client = new ApiClient({ kubeconfig }, environment);
    await client.get({ path: '/a' });
    expect(requests).toMatchObject([{ path: '/k/a' }]);
    expect([client.isInCluster, client.namespace]).toEqual([false, 'its-namespace']);
    expect(new ApiClient({ kubeconfig, context: 'namespaced' }, environment).namespace).toBe('of-the-context');
  });

  test('impersonation needs a user', async () => {
    const { environment } = await startPod();
    expect(() => new ApiClient({ asGroup: ['g'] }, environment)).toThrow('requires a user to impersonate (--as)');
  });

  test('proxies in the environment are used', async () => {
    const { environment } = await startPod();
    const far = { ...environment, KUBERNETES_SERVICE_HOST: 'api.test', HTTPS_PROXY: 'localhost:1' };
    await expect(new ApiClient({}, far).get({ path: '/a' })).rejects.toThrow('through the proxy http://localhost:1: ');
    expect(() => new ApiClient({}, { ...far, HTTPS_PROXY: 'ftp://a' })).toThrow(
      'the proxy "ftp://a" in HTTPS_PROXY is not supported',
    );
  });

  test('a token without the other files is not a Pod', async () => {
    const { environment } = await startPod();
    expect(() => new ApiClient({}, { ...environment, KUBERNETES_SERVICE_HOST: '' })).toThrow('No cluster found');
  });
});

describe('elsewhere', () => {
  test('the cluster can be in the home directory of Windows', () => {
    const kubeconfig = { contexts: [{ name: 'a' }, { name: 'b' }] };
    const home = temporaryDirectory();
    writeFileSync(join(home, 'config'), JSON.stringify(kubeconfig));
    const open = (environment: object) => new ApiClient({}, { ...environment });
    expect(() => open({ KUBECONFIG: join(home, 'config') })).toThrow('choose a context with --context: "a", "b"');
    expect(() => open({ USERPROFILE: home })).toThrow('No cluster found: KUBECONFIG is not set');
  });

  test('there is no cluster by default', () => {
    expect(() => new ApiClient({}, {})).toThrow('No cluster found: KUBECONFIG is not set');
  });
});
