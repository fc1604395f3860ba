import { describe, expect, test } from 'vitest';
import { readInstalledEngine } from '../../src/kubernetes/installed-engine.ts';
import { clientOf, status } from '../support/api-client.ts';

/** An API server with the objects that have these names. */
function clusterOf(...names: readonly string[]) {
  return clientOf(({ path }) => {
    const name = path.split('/').slice(-2).join('/');
    return names.includes(name) ? [200, { metadata: { name }, spec: { policyName: 'x' } }] : status(404, 'not found');
  });
}

const CONFIGURATION = 'mutatingwebhookconfigurations/a-name';
const POLICY = 'mutatingadmissionpolicies/a-name-standard';

describe('readInstalledEngine()', () => {
  test.for([
    { there: [], engine: 'none' },
    { there: [CONFIGURATION], engine: 'webhook' },
    { there: [`${CONFIGURATION}-provided`], engine: 'webhook' },
    { there: [POLICY], engine: 'policy' },
    { there: [CONFIGURATION, POLICY], engine: 'both' },
  ])('tells that it is $engine where there is $there', async ({ there, engine }) => {
    const { client } = await clusterOf(...there);
    expect(await readInstalledEngine(client, 'a-name')).toBe(engine);
  });

  test('finds policies by the name of a configuration of mode provided', async () => {
    const { client } = await clusterOf(POLICY);
    expect(await readInstalledEngine(client, 'a-name-provided')).toBe('policy');
  });

  test.for([403, 500])('does not know what cannot be read: %i', async (code) => {
    const { client } = await clientOf(() => status(code, 'no'));
    expect(await readInstalledEngine(client, 'a-name')).toBeUndefined();
  });

  test('does not hide a mistake', async () => {
    const { client } = await clientOf(({ path }) =>
      path.includes('bindings') ? [200, { spec: null }] : [200, { metadata: { name: 'a-name' } }],
    );
    await expect(readInstalledEngine(client, 'a-name')).rejects.toThrow(TypeError);
  });
});
