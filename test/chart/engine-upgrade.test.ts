import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { startControlPlane } from '../cluster/control-plane.ts';
import { cluster, kubectl } from '../cluster/kubectl.ts';
import { policyFlags } from '../cluster/policies.ts';
import { serveForeignKinds } from './foreign-kinds.ts';
import { CHART, Release, renderObjects, tryHelm, type Values, WAYS } from './helm.ts';
import {
  asStored,
  configurationOf,
  configurationsOf,
  describeInstalled,
  describePolicies,
  drift,
  expectObjects,
  newRelease,
  storedEntries,
  writeCABundle,
} from './installed.ts';

const CA = '-----BEGIN CERTIFICATE-----\nof the webhook\n-----END CERTIFICATE-----\n';

/** Values of releases with policies, in an order that covers every change from one to another. */
const WALKS: Readonly<Record<string, readonly Values[]>> = {
  'rule.reverse': ['both', 'managed', 'off', 'both', 'off', 'managed', 'both'].map((reverse) => ({
    rule: { reverse },
  })),
  'webhook.operations, failurePolicy and namespaceSelector': [
    {},
    { operations: ['CREATE', 'UPDATE'], failurePolicy: 'Fail', namespaceSelector: { matchLabels: { team: 'a' } } },
    { operations: ['CREATE'], namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] } },
    {},
  ].map((webhook) => ({ webhook })),
};

// Each test has a separate release.
describePolicies('helm upgrade', () => {
  beforeAll(serveForeignKinds);

  test.concurrent.for(WAYS)(
    'changes from webhook to policy and back without leaving objects behind, with $way',
    async ({ by }) => {
      const release = await newRelease();
      await using installed = await Release.install(release, { engine: 'webhook' }, by);
      await expectRelease({ engine: 'webhook' }, release);
      for (const engine of ['both', 'policy', 'both', 'webhook', 'policy', 'webhook']) {
        await installed.upgrade({ engine }, by);
        await expectRelease({ engine }, release);
      }
    },
  );

  for (const { way, by } of WAYS) {
    test.concurrent.for(Object.entries(WALKS))(
      `with ${way} updates the policies for every change of %s`,
      async ([, walk]) => {
        const release = await newRelease();
        await using installed = await Release.install(release, { engine: 'policy' }, by);
        for (const values of walk) {
          await installed.upgrade({ ...values, engine: 'policy' }, by);
          await expectRelease({ ...values, engine: 'policy' }, release);
        }
      },
    );
  }

  test.concurrent('can be rolled back to the webhook', async () => {
    const release = await newRelease();
    await using installed = await Release.install(release, { engine: 'webhook' });
    await installed.upgrade({ engine: 'policy' });

    await installed.rollback();
    await expectRelease({ engine: 'webhook' }, release);
  });

  test.concurrent('--force-conflicts restores a policy that was edited', async () => {
    const release = await newRelease();
    const values = { engine: 'policy' };
    await using _installed = await Release.install(release, values);
    const [policy] = await renderObjects(values, release);
    const patch = '[{"op": "replace", "path": "/spec/matchConditions/0/expression", "value": "false"}]';
    await kubectl(['patch', 'mutatingadmissionpolicy', policy?.metadata.name ?? '', '--type=json', '-p', patch]);
    expect(await drift(values, release)).toContain('false');

    const args = ['upgrade', release.name, CHART, '-n', release.namespace, '--reuse-values', '--force-conflicts'];
    expect(await tryHelm(args)).toMatchObject({ exitCode: 0 });
    expect(await drift(values, release)).toBe('');
  });
});

const TURNED_OFF = [
  '--runtime-config=admissionregistration.k8s.io/v1/mutatingadmissionpolicies=false',
  '--disable-admission-plugins=ServiceAccount,MutatingAdmissionPolicy',
];

describeInstalled('on a cluster that does not serve policies', () => {
  test('helm install explains what to do, and engine webhook works', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-no-policies-'));
    const isOnByDefault = cluster().policyVersion !== undefined && (await policyFlags(cluster().assets)).length === 0;
    await using controlPlane = await startControlPlane(
      cluster().assets,
      directory.path,
      isOnByDefault ? TURNED_OFF : [],
    );
    const install = (engine: string) => {
      const { kubeconfig } = controlPlane.cluster;
      return tryHelm(['install', 'x', CHART, '--kubeconfig', kubeconfig, '--set', `engine=${engine}`]);
    };

    for (const engine of ['policy', 'both']) {
      const { exitCode, stderr } = await install(engine);
      expect(stderr).toMatch(new RegExp(`engine is ${engine}: .*MutatingAdmissionPolicy.* set engine=webhook`));
      expect(exitCode).toBe(1);
    }
    expect(await install('webhook')).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

/** Expects that a release matches its values and, if it has a configuration, that a written caBundle is kept. */
async function expectRelease(values: Values, release: Parameters<typeof drift>[1]): Promise<void> {
  await expectObjects(values, release);
  expect(await drift(values, release)).toBe('');
  const objects = await renderObjects(values, release);
  if (configurationsOf(objects).length === 0) return;

  const { name, entries } = configurationOf(objects);
  await writeCABundle(name, CA);
  expect(await storedEntries(name)).toEqual(asStored(entries, CA));
}
