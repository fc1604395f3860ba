import { describe, expect, test } from 'vitest';
import { engineOf } from '../../src/installation/installation.ts';
import { readInstallation } from '../../src/kubernetes/installation.ts';
import { clientOf, status } from '../support/api-client.ts';
import type { Answer, ReceivedRequest } from '../support/api-server.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const CONFIGURATIONS = `${GROUP}/mutatingwebhookconfigurations`;
const POLICIES = `${GROUP}/mutatingadmissionpolicies`;
const FORBIDDEN: Answer = status(403, 'forbidden');

interface Cluster {
  /** Names of webhook configurations and policies. */
  readonly names?: readonly string[];
  /** By path: replace the default answers. */
  readonly others?: Readonly<Record<string, Answer>>;
  readonly allowed?: boolean;
}

type Named = readonly { readonly metadata: { readonly name: string } }[];

/** An API server with the chart's webhook configurations and policies of these names. */
function cluster({ names = [], others = {}, allowed = true }: Cluster) {
  const isOfPolicy = (name: string) => /-(standard|owner)$/.test(name);
  const named = names.map((name) => ({ metadata: { name } }));
  const stored = {
    [CONFIGURATIONS]: named.filter(({ metadata }) => !isOfPolicy(metadata.name)),
    [POLICIES]: named.filter(({ metadata }) => isOfPolicy(metadata.name)),
  };
  return clientOf((request) => others[request.path] ?? aboutUser(request, allowed) ?? aboutObjects(request, stored));
}

function aboutUser({ path }: ReceivedRequest, allowed: boolean): Answer | undefined {
  if (path.endsWith('/selfsubjectaccessreviews')) return [201, { status: { allowed } }];
  if (path.endsWith('/selfsubjectreviews')) return [201, { status: { userInfo: { username: 'jane' } } }];
  return undefined;
}

function aboutObjects({ path, query }: ReceivedRequest, stored: Readonly<Record<string, Named>>): Answer {
  const isOurs = query['labelSelector'] === 'app.kubernetes.io/name=gateway-name-webhook';
  // An API server that does not serve policies answers 404.
  if (path in stored && (path === CONFIGURATIONS || stored[path]?.length)) {
    return [200, { items: isOurs ? stored[path] : [] }];
  }
  const [, resource = '', name] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
  const object = stored[resource]?.find(({ metadata }) => metadata.name === name);
  return object ? [200, object] : status(404, 'not found');
}

async function read(options: Cluster, name?: string) {
  const { client, requests } = await cluster(options);
  return { installation: await readInstallation(client, { name, command: 'audit' }), requests };
}

describe('readInstallation()', () => {
  test.for([
    { names: [], name: 'gateway-name-webhook', engine: 'none' },
    { names: ['a-name'], name: 'a-name', engine: 'webhook' },
    { names: ['a-name-provided'], name: 'a-name', engine: 'webhook' },
    { names: ['a-name-standard', 'a-name-owner'], name: 'a-name', engine: 'policy' },
    { names: ['a-name-provided', 'a-name-standard'], name: 'a-name', engine: 'both' },
    // During a change of the certificate mode.
    { names: ['a-name', 'a-name-provided'], name: 'a-name', engine: 'webhook' },
  ])('finds $name by labels: $names', async ({ names, name, engine }) => {
    const { installation } = await read({ names });
    expect([installation.name, engineOf(installation)]).toEqual([name, engine]);
    const [configuration] = names.filter((one) => !/-(standard|owner)$/.test(one));
    expect(installation.configuration.value?.metadata.name).toBe(configuration);
  });

  test.for([{ names: ['a-name', 'other'] }, { names: ['other-provided', 'a-name-standard', 'a-name-owner'] }])(
    'requires a name if there are several releases: $names',
    async ({ names }) => {
      const { client } = await cluster({ names });
      await expect(readInstallation(client, { name: undefined, command: 'audit' })).rejects.toMatchObject({
        name: 'SeveralReleases',
        message: 'Found several releases: a-name, other. Choose one with --webhook-configuration a-name or other',
      });
      const installation = await readInstallation(client, { name: 'a-name', command: 'audit' });
      expect(installation.name).toBe('a-name');
    },
  );

  test.for([
    { names: ['a-name'], asked: 'a-name', found: 'a-name', engine: 'webhook' },
    { names: ['a-name-provided'], asked: 'a-name', found: 'a-name-provided', engine: 'webhook' },
    { names: ['a-name-standard'], asked: 'a-name-provided', found: undefined, engine: 'policy' },
    { names: ['other'], asked: 'a-name', found: undefined, engine: 'none' },
  ])('reads $asked, and lists nothing: $names', async ({ names, asked, found: name, engine }) => {
    const { installation, requests } = await read({ names }, asked);
    expect(installation.name).toBe('a-name');
    expect(installation.configuration.value?.metadata.name).toBe(name);
    expect(engineOf(installation)).toBe(engine);
    expect(requests.some(({ path }) => path === CONFIGURATIONS || path === POLICIES)).toBe(false);
  });

  test('reports no webhook configuration if only the given name can be read, and does not exist', async () => {
    const { installation } = await read({ others: { [`${CONFIGURATIONS}/a-name-provided`]: FORBIDDEN } }, 'a-name');
    expect(installation.configuration).toEqual({ value: undefined });
  });

  test('reports a failure if the other name cannot be read for another reason', async () => {
    const { installation } = await read(
      { others: { [`${CONFIGURATIONS}/a-name-provided`]: status(400, 'no') } },
      'a-name',
    );
    expect(installation.configuration.problem?.message).toContain('no');
  });

  test.for([
    { name: 'a-name', paths: [`${CONFIGURATIONS}/a-name`, `${POLICIES}/a-name-standard`], verb: 'get' },
    { name: undefined, paths: [CONFIGURATIONS, POLICIES], verb: 'list' },
  ])('reports the missing permissions: $verb', async ({ name, paths, verb }) => {
    const others = Object.fromEntries(paths.map((path) => [path, FORBIDDEN]));
    const { installation } = await read({ others, allowed: false }, name);
    expect(installation.configuration.problem).toMatchObject({ code: 403 });
    expect(installation.configuration.problem?.message).toContain(
      `is not allowed to ${verb} mutatingwebhookconfigurations`,
    );
    expect(installation.policies.problem?.message).toContain(`is not allowed to ${verb} mutatingadmissionpolic`);
    expect(engineOf(installation)).toBeUndefined();
  });

  test('returns no policies if the API server does not serve them, whatever the permissions', async () => {
    const others = { [POLICIES]: FORBIDDEN, '/apis/admissionregistration.k8s.io': [200, { versions: [] }] as Answer };
    for (const allowed of [true, false]) {
      expect((await read({ others, allowed })).installation.policies).toEqual({ value: [] });
    }
  });

  test('finds policies of v1beta1', async () => {
    const beta = POLICIES.replace('/v1/', '/v1beta1/');
    const policy = { metadata: { name: 'a-name-standard' } };
    const others: Record<string, Answer> = {
      [beta]: [200, { items: [policy] }],
      [`${beta}/a-name-standard`]: [200, policy],
    };
    expect((await read({ others })).installation).toMatchObject({
      name: 'a-name',
      policies: { value: [{ direction: 'standard', binding: 'missing' }] },
    });
  });

  test('reports why policies cannot be read', async () => {
    const { installation } = await read({ others: { [POLICIES]: status(400, 'no') } });
    expect(installation.policies.problem?.message).toContain('no');
    const named = await read({ others: { [`${POLICIES}/a-name-owner`]: status(400, 'no') } }, 'a-name');
    expect(named.installation.policies.problem?.message).toContain('no');
  });
});
