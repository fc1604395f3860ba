import { expect, inject, test } from 'vitest';
import { kubectl, tryKubectl } from '../cluster/kubectl.ts';
import {
  create,
  createNamespace,
  type KubernetesObject,
  OWNER,
  objectOf,
  STANDARD,
  stored,
} from '../cluster/objects.ts';
import { documentedBlock } from '../support/documented.ts';
import { contradictions } from './contradictions.ts';
import { HELMS, render, renderObjects, type Values } from './helm.ts';
import { configurationOf, describeInstalled, newRelease, storedEntries } from './installed.ts';
import { kustomize, RENDERED } from './kustomize.ts';
import { kubeconfigOf, runHeal, startReplica } from './pod-processes.ts';

const HEAL = { heal: { schedule: '@hourly' } };

const rendered = (values: Values) => render(values, undefined, ['--no-hooks']);
const moved = (namespace: string) => JSON.stringify({ namespace, resources: [RENDERED] });

describeInstalled('kubectl kustomize', () => {
  test.for<Values>([
    {},
    HEAL,
    { engine: 'policy', ...HEAL },
    { engine: 'both', heal: { schedule: '@hourly', allNamespaces: true } },
  ])('moves objects that are rendered with $0 to another namespace', async (values) => {
    const objects = await kustomize(moved('elsewhere'), await rendered(values));
    const namespaces = new Set(objects.map(({ metadata }) => metadata.namespace));
    namespaces.delete(undefined);
    expect(namespaces).toEqual(new Set(['elsewhere']));
    expect(contradictions(objects)).toEqual([]);
  });

  test('moves certificates of cert-manager with the documented replacements', async () => {
    const manifests = await rendered({ certificates: { mode: 'cert-manager' } });
    const left = contradictions(await kustomize(moved('labels'), manifests));
    const old = 'gateway-name-webhook gateway-name-webhook';
    expect(left).toEqual([
      `inject-ca-from: no Certificate ${old}`,
      `dnsNames of gateway-name-webhook: no Service ${old}`,
      `dnsNames of gateway-name-webhook: no Service ${old}-twin`,
    ]);

    const objects = await kustomize(documentedBlock('docs/gitops.md', 'yaml', 'inject-ca-from'), manifests);
    expect(objects.find(({ kind }) => kind === 'Deployment')?.metadata.namespace).toBe('labels');
    expect(contradictions(objects)).toEqual([]);
  });

  test('cannot rename rendered objects, but fullnameOverride can', async () => {
    const prefixed = JSON.stringify({ namePrefix: 'a-', resources: [RENDERED] });
    const left = contradictions(await kustomize(prefixed, await rendered({})));
    expect(left).toContain('--webhook-configuration: no MutatingWebhookConfiguration gateway-name-webhook');

    const renamed = await kustomize(moved('elsewhere'), await rendered({ fullnameOverride: 'a-labels' }));
    expect(contradictions(renamed)).toEqual([]);
  });

  test.for(HELMS)('renders the chart with %s and the documented helmCharts', async (program, { skip }) => {
    skip(inject(program) === null);
    const helm = ['--enable-helm', '--helm-command', inject(program) ?? ''];
    const objects = await kustomize(documentedBlock('docs/gitops.md', 'yaml', 'helmCharts'), '', helm);
    expect(contradictions(objects)).toEqual([]);
    const namesOf = (list: readonly KubernetesObject[]) => list.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const expected = await renderObjects(HEAL, { name: 'gateway-name-webhook', namespace: 'labels' });
    expect(namesOf(objects).sort()).toEqual(namesOf(expected).sort());
  });

  test('moves objects so that the webhook and heal still work', async () => {
    const release = await newRelease();
    const manifests = await render(HEAL, release, ['--no-hooks']);
    const namespace = await createNamespace();
    const objects = await kustomize(moved(namespace), manifests);
    await using _applied = await apply(objects);

    await using replica = await startReplica(objects);
    await replica.untilReady();
    const bundles = (await storedEntries(configurationOf(objects).name)).map(
      ({ clientConfig }) => clientConfig.caBundle,
    );
    expect(bundles).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/^LS0t/)));

    await create(objectOf('ServiceAccount', { namespace, labels: { [OWNER]: 'eg' } }));
    expect(await runHeal(objects)).toMatchObject({ exitCode: 0 });
    expect((await stored('ServiceAccount', namespace)).metadata.labels).toEqual({ [OWNER]: 'eg', [STANDARD]: 'eg' });

    // The guard applies to heal in its new namespace.
    const asHeal = ['--kubeconfig', await kubeconfigOf(objects, 'CronJob')];
    const { stderr } = await tryKubectl([...asHeal, 'label', 'sa', 'eg', '-n', namespace, 'team=payments']);
    expect(stderr).toContain('heal may only add one label');
  });
});

/** Applies objects, and deletes them at the end of the scope. */
async function apply(items: readonly KubernetesObject[]): Promise<AsyncDisposable> {
  const list = { apiVersion: 'v1', kind: 'List', items };
  await kubectl(['apply', '-f', '-'], list);
  return { [Symbol.asyncDispose]: async () => void (await kubectl(['delete', '--wait=false', '-f', '-'], list)) };
}
