import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ApiCaller } from '../../src/kubernetes/api-caller.ts';
import { podConnection } from '../../src/kubernetes/pod-connection.ts';
import { status } from '../support/api-client.ts';
import { startApiServer } from '../support/api-server.ts';
import { localCertificates } from '../support/certificates.ts';
import { podEnvironment, writeServiceAccount } from '../support/service-account.ts';

/** A Pod, and an API server that only accepts its token. */
async function startPod(host?: string) {
  const letIn = { token: 'a-token' };
  const api = await startApiServer(({ headers }) => {
    return headers.authorization === `Bearer ${letIn.token}` ? [200, { let: 'in' }] : status(401, 'Unauthorized');
  }, host);
  const directory = writeServiceAccount(api);
  const { KUBERNETES_SERVICE_HOST, ...environment } = podEnvironment(api);
  const connection = podConnection(
    { KUBERNETES_SERVICE_HOST: host ?? KUBERNETES_SERVICE_HOST, ...environment },
    directory,
  );
  if (!connection) expect.fail('there is no connection');
  const caller = new ApiCaller(connection);
  return { ...api, letIn, directory, connection, get: () => caller.get({ path: '/a' }) };
}

describe('podConnection()', () => {
  test.for([
    { environment: {} },
    { environment: { KUBERNETES_SERVICE_HOST: '10.96.0.1' } },
    { environment: { KUBERNETES_SERVICE_PORT: '443' } },
    { environment: { KUBERNETES_SERVICE_HOST: '', KUBERNETES_SERVICE_PORT: '443' } },
    { environment: { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '' } },
  ])('returns undefined with $environment', ({ environment }) => {
    expect(podConnection(environment, '/')).toBeUndefined();
  });

  test.for([
    { host: '10.96.0.1', server: 'https://10.96.0.1:443' },
    { host: 'kubernetes.default', server: 'https://kubernetes.default:443' },
    { host: 'fd00::1', server: 'https://[fd00::1]:443' },
  ])('connects to $server', ({ host, server }) => {
    const environment = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: '443' };
    expect(podConnection(environment, '/')?.server).toBe(server);
  });

  test.for(['localhost', '127.0.0.1', '::1'])('reaches %s as the ServiceAccount', async (host) => {
    const { get, requests, connection, url } = await startPod(host);
    expect(await get()).toEqual({ let: 'in' });
    expect(requests).toMatchObject([{ path: '/a', headers: { authorization: 'Bearer a-token' } }]);
    expect(new URL(connection.server).port).toBe(new URL(url).port);
  });

  test('reads the token again, over the same connection', async () => {
    const { get, letIn, directory, requests, server } = await startPod();
    let connections = 0;
    server.on('secureConnection', () => (connections += 1));
    await get();
    writeFileSync(join(directory, 'token'), 'another-token');
    await expect(get()).rejects.toMatchObject({ code: 401, message: expect.stringContaining('Unauthorized') });
    letIn.token = 'another-token';
    expect(await get()).toEqual({ let: 'in' });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer a-token',
      'Bearer another-token',
      'Bearer another-token',
    ]);
    expect(connections).toBe(1);
  });

  test('is accepted again with a new token after a rejection', async () => {
    const { get, letIn, directory } = await startPod();
    letIn.token = 'another-token';
    await expect(get()).rejects.toMatchObject({ code: 401 });
    writeFileSync(join(directory, 'token'), 'another-token');
    expect(await get()).toEqual({ let: 'in' });
  });

  test('reads the CA again', async () => {
    const { get, directory, ca } = await startPod();
    await get();
    const other = await localCertificates();
    writeFileSync(join(directory, 'ca.crt'), other.ca.cert);
    await expect(get()).rejects.toMatchObject({ code: undefined, cause: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } });
    // A bundle, as during a change of the cluster's CA.
    writeFileSync(join(directory, 'ca.crt'), other.ca.cert + ca);
    expect(await get()).toEqual({ let: 'in' });
  });

  test.for([
    { name: 'without a token', file: 'token', content: undefined, reason: /ENOENT.*\/token'$/ },
    { name: 'with an empty token', file: 'token', content: '\n', reason: /\/token does not contain a token$/ },
    { name: 'with two tokens', file: 'token', content: 'a b', reason: /\/token does not contain a token$/ },
    { name: 'without a CA', file: 'ca.crt', content: undefined, reason: /ENOENT.*\/ca\.crt'$/ },
    { name: 'with an empty CA', file: 'ca.crt', content: '', reason: /\/ca\.crt does not contain a certificate$/ },
    {
      name: 'with an invalid CA',
      file: 'ca.crt',
      content: 'garbage',
      reason: /\/ca\.crt does not contain a certificate$/,
    },
  ])('sends no request $name, and recovers', async ({ file, content, reason }) => {
    const { get, directory, ca, requests, connection } = await startPod();
    if (content === undefined) rmSync(join(directory, file));
    else writeFileSync(join(directory, file), content);
    await expect(get()).rejects.toMatchObject({
      name: 'ApiError',
      code: 401,
      message: expect.stringMatching(`^Cannot get credentials for ${connection.server}: .*${reason.source}`),
    });
    expect(requests).toEqual([]);
    writeFileSync(join(directory, file), file === 'token' ? 'a-token' : ca);
    expect(await get()).toEqual({ let: 'in' });
  });
});
