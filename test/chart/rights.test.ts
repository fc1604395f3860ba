import { beforeAll, expect, test } from 'vitest';
import { cluster, kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { serveForeignKinds } from './foreign-kinds.ts';
import { objectsOf, Release, render } from './helm.ts';
import { describeInstalled, newRelease } from './installed.ts';

/** Requests that must be refused: the permissions cover one named Secret and one named configuration. */
const REFUSED = [
  ['list', 'secrets'],
  ['create', 'secrets'],
  ['get', 'secrets/other'],
  ['delete', 'secrets/MINE-ca'],
  ['list', 'mutatingwebhookconfigurations'],
  ['create', 'mutatingwebhookconfigurations'],
  ['patch', 'mutatingwebhookconfigurations/other'],
  ['delete', 'mutatingwebhookconfigurations/MINE'],
  ['create', 'serviceaccounts'],
  ['get', 'pods'],
  ['get', 'services/other'],
] as const;

describeInstalled('the permissions of the webhook', () => {
  beforeAll(serveForeignKinds);

  test('in mode self are sufficient to recreate a deleted Secret and to write the caBundle', async () => {
    const release = await newRelease();
    await using _installed = await Release.install(release, { fullnameOverride: release.name });
    const user = `system:serviceaccount:${release.namespace}:${release.name}`;
    const apply = (object: object) =>
      kubectl(['apply', '--server-side', '--field-manager=gateway-name-webhook', `--as=${user}`, '-f', '-'], object);
    const secret = { name: `${release.name}-ca`, namespace: release.namespace };

    await kubectl(['delete', 'secret', secret.name, '-n', release.namespace]);
    await apply({ apiVersion: 'v1', kind: 'Secret', metadata: secret, data: { 'ca.crt': 'Y2E=' } });
    await apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: release.name },
      webhooks: ['standard', 'owner'].map((label) => ({
        name: `${label}.label.gateway-name-webhook`,
        clientConfig: { caBundle: 'Y2E=' },
      })),
    });
    const read = ['get', 'secret', secret.name, '-n', release.namespace, `--as=${user}`, '-o', 'jsonpath={.data}'];
    expect(JSON.parse(await kubectl(read))).toEqual({ 'ca.crt': 'Y2E=' });

    const other = { ...secret, name: 'other' };
    await expect(apply({ apiVersion: 'v1', kind: 'Secret', metadata: other })).rejects.toThrow(/forbidden/);
    expect(await allowed(user, release.namespace, release.name)).toEqual([]);
  });

  test.for(['cert-manager', 'provided'])('in mode %s do not exist, and no token is mounted', async (mode) => {
    const release = await newRelease();
    const provided = { secretName: 'tls', caBundle: '-----BEGIN CERTIFICATE-----' };
    const values = { fullnameOverride: release.name, certificates: { mode, provided } };
    await using _installed = await Release.install(release, values);
    const user = `system:serviceaccount:${release.namespace}:${release.name}`;

    expect(await allowed(user, release.namespace, release.name)).toEqual([]);
    for (const [verb, resource] of [
      ['get', `secrets/${release.name}-ca`],
      ['get', `mutatingwebhookconfigurations/${release.name}`],
    ] as const) {
      expect(await canI(user, release.namespace, verb, resource)).toBe(false);
    }
    const objects = objectsOf(await render(values, release, ['--no-hooks']));
    expect(objects.filter(({ kind }) => /Role/.test(kind))).toEqual([]);
    const [deployment] = objects.filter(({ kind }) => kind === 'Deployment');
    expect(deployment).toHaveProperty('spec.template.spec.automountServiceAccountToken', false);
  });

  test.for([
    { engine: 'webhook', hasPolicies: false },
    { engine: 'both', hasPolicies: true },
  ])('of helm test are sufficient for a dry run and for nothing else, with engine $engine', async (given) => {
    const { engine, hasPolicies } = given;
    const release = await newRelease();
    const objects = objectsOf(await render({ fullnameOverride: release.name, engine }, release));
    const items = objects.filter(({ kind, metadata: { name } }) => name === `${release.name}-test` && kind !== 'Pod');
    expect(items.map(({ kind }) => kind).sort()).toEqual(
      ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding', 'ServiceAccount'].sort(),
    );
    await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    const user = `system:serviceaccount:${release.namespace}:${release.name}-test`;

    await kubectl(['create', 'serviceaccount', 'probe', '-n', release.namespace, '--dry-run=server', `--as=${user}`]);
    expect(await canI(user, release.namespace, 'get', `mutatingwebhookconfigurations/${release.name}`)).toBe(true);
    expect(await canI(user, release.namespace, 'get', `services/${release.name}`)).toBe(true);
    const policy = `mutatingadmissionpolicies.admissionregistration.k8s.io/${release.name}-standard`;
    // can-i answers no for a resource that is not served.
    const isServed = cluster().policyVersion !== undefined;
    expect(await canI(user, release.namespace, 'get', policy)).toBe(hasPolicies && isServed);
    expect(await allowed(user, release.namespace, release.name)).toEqual(['create serviceaccounts']);
    await kubectl(['delete', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  });
});

/** Returns the requests in REFUSED that a user may make. */
async function allowed(user: string, namespace: string, fullname: string): Promise<readonly string[]> {
  const answers = REFUSED.map(async ([verb, resource]) => {
    const named = resource.replace('MINE', fullname);
    return (await canI(user, namespace, verb, named)) ? [`${verb} ${named}`] : [];
  });
  return (await Promise.all(answers)).flat();
}

async function canI(user: string, namespace: string, verb: string, resource: string): Promise<boolean> {
  const { stdout } = await tryKubectl(['auth', 'can-i', verb, resource, '-n', namespace, `--as=${user}`]);
  return stdout.trim() === 'yes';
}
