import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ApiClient } from '../../src/kubernetes/api-client.ts';
import { openOwnCluster } from '../../src/kubernetes/own-cluster.ts';
import { startApiServer, writeKubeconfig } from '../support/api-server.ts';
import { podEnvironment, writeServiceAccount } from '../support/service-account.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('openOwnCluster()', () => {
  test('uses the API server of the Pod, as its ServiceAccount', async () => {
    const api = await startApiServer(() => [200, { of: 'the Pod' }]);
    const directory = writeServiceAccount({ ...api, token: 'of-the-pod' });
    const cluster = await openOwnCluster(podEnvironment(api), directory);
    expect(await cluster.get({ path: '/a' })).toEqual({ of: 'the Pod' });
    expect(api.requests).toMatchObject([{ headers: { authorization: 'Bearer of-the-pod' } }]);
    expect(cluster).not.toBeInstanceOf(ApiClient);
  });

  test.for([
    { name: 'in a Pod, if KUBECONFIG is set', isPod: true },
    { name: 'outside of a Pod', isPod: false },
  ])('uses the same cluster as kubectl $name', async ({ isPod }) => {
    const [api, other] = [await startApiServer(() => [200, {}]), await startApiServer(() => [200, {}])];
    const KUBECONFIG = writeKubeconfig({ server: api.url, ca: api.ca });
    const told = { ...(isPod && podEnvironment(other)), KUBECONFIG };
    await (await openOwnCluster(told, writeServiceAccount(other))).get({ path: '/a' });
    expect([api.requests.length, other.requests.length]).toEqual([1, 0]);
  });

  test('rejects without a ServiceAccount, and says what is missing', async () => {
    const api = await startApiServer(() => [200, {}]);
    const directory = join(temporaryDirectory(), 'none');
    await expect(openOwnCluster(podEnvironment(api), directory)).rejects.toMatchObject({
      name: 'ApiError',
      message: expect.stringMatching(/^Cannot use the Pod's ServiceAccount: ENOENT.*none\/(token|ca\.crt)'$/),
    });
  });
});
