import { describe, expect, test } from 'vitest';
import { readInstalledConfiguration } from '../../src/kubernetes/installed-configuration.ts';
import { clientOf } from '../support/api-client.ts';
import type { Answer } from '../support/api-server.ts';

const PATH = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

async function read(answers: Readonly<Record<string, Answer>>) {
  const { client } = await clientOf(({ path }) => answers[path] ?? [404, { message: 'not found' }]);
  return readInstalledConfiguration(client, 'a-name');
}

describe('readInstalledConfiguration()', () => {
  test('reads the one of this name', async () => {
    expect(await read({ [`${PATH}/a-name`]: [200, { metadata: { name: 'a-name' } }] })).toEqual({
      metadata: { name: 'a-name' },
    });
  });

  test('reads the one of mode provided otherwise', async () => {
    expect(await read({ [`${PATH}/a-name-provided`]: [200, { metadata: { name: 'a-name-provided' } }] })).toEqual({
      metadata: { name: 'a-name-provided' },
    });
  });

  test.for<Readonly<Record<string, Answer>>>([{}, { [`${PATH}/a-name-provided`]: [403, { message: 'forbidden' }] }])(
    'finds none: %j',
    async (answers) => {
      expect(await read(answers)).toBeUndefined();
    },
  );

  test.for(['a-name', 'a-name-provided'])('rejects when %s cannot be read', async (name) => {
    await expect(read({ [`${PATH}/${name}`]: [500, { message: 'etcd is away' }] })).rejects.toThrow('etcd is away');
  });

  test('rejects where it may not be read', async () => {
    await expect(read({ [`${PATH}/a-name`]: [403, { message: 'forbidden' }] })).rejects.toMatchObject({ code: 403 });
  });
});
