import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '../../../src/kubernetes/api-client.ts';
import { kubeconfig } from '../../support/kubeconfig/case.ts';
import { World } from '../../support/kubeconfig/world.ts';
import { foreignCertificate } from '../../support/openssl.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.recorder.stop());

function open(user: object, files: Readonly<Record<string, string>>) {
  const directory = temporaryDirectory();
  const { environment } = world.write(directory, { files: { ...files, config: kubeconfig({ user }) } });
  const client = new ApiClient({}, environment);
  const arrival = async () => {
    await client.list({ path: '/api/v1/namespaces/default/serviceaccounts' });
    return world.arrived()[0];
  };
  return { arrival, file: (name: string) => join(directory, name) };
}

describe('credentials in files', () => {
  test('are read again; the last token is kept while the file is missing', async () => {
    const { arrival, file } = open({ tokenFile: 'token' }, { token: 'first' });
    expect(await arrival()).toMatchObject({ authorization: 'Bearer first' });
    writeFileSync(file('token'), 'second');
    expect(await arrival()).toMatchObject({ authorization: 'Bearer second' });
    writeFileSync(file('token'), '');
    expect(await arrival()).toMatchObject({ authorization: 'Bearer second' });
    rmSync(file('token'));
    expect(await arrival()).toMatchObject({ authorization: 'Bearer second' });
  });

  test('are read again for a replaced client certificate', async () => {
    const user = { 'client-certificate': 'client.crt', 'client-key': 'client.key' };
    const { arrival, file } = open(user, { 'client.crt': '$CERT_PEM', 'client.key': '$KEY_PEM' });
    expect(await arrival()).toMatchObject({ certificate: 'jane' });
    const { cert, key } = foreignCertificate({ commonName: 'joe', isCA: false });
    writeFileSync(file('client.crt'), cert);
    writeFileSync(file('client.key'), key);
    expect(await arrival()).toMatchObject({ certificate: 'joe' });
  });

  test('are sent once if they are rejected', async () => {
    const { arrival } = open({ token: 'refused' }, {});
    world.recorder.refused.add('refused');
    await expect(arrival()).rejects.toMatchObject({ code: 401 });
    expect(world.arrived()).toHaveLength(1);
  });
});
