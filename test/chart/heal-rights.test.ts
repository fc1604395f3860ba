import { expect, test } from 'vitest';
import { callApi } from '../cluster/api.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { create, createNamespace } from '../cluster/objects.ts';
import { Release, type ReleaseName, renderObjects, type Values } from './helm.ts';
import { describeInstalled, newRelease } from './installed.ts';
import { argumentsOf, podTemplatesOf } from './pod-templates.ts';

/** An RBAC rule. */
interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
}

const RULES: readonly Rule[] = [
  { verbs: ['list', 'get', 'patch'], apiGroups: [''], resources: ['pods', 'services', 'serviceaccounts'] },
  { verbs: ['list'], apiGroups: ['policy'], resources: ['poddisruptionbudgets'] },
];
const LIST_NAMESPACES: Rule = { verbs: ['list'], apiGroups: [''], resources: ['namespaces'] };

const SELECTOR = {
  matchLabels: { team: 'gateways', tier: '' },
  matchExpressions: [
    { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'default'] },
    { key: 'stage', operator: 'In', values: ['test', 'live'] },
    { key: 'open', operator: 'Exists' },
    { key: 'example.com/closed', operator: 'DoesNotExist' },
  ],
};

describeInstalled('the permissions of heal', () => {
  test('are not created while heal is off', async () => {
    const release = await newRelease();
    const objects = await renderObjects({ fullnameOverride: release.name, heal: { allNamespaces: true } }, release);
    expect(objects.filter(({ metadata }) => metadata.name?.includes('heal'))).toEqual([]);
  });

  test("are exactly what backfill needs, only in the release's namespace", async () => {
    const release = await newRelease();
    await using _installed = await install(release, {});
    expect(await rulesOf(release, release.namespace)).toEqual(RULES);
    expect(await rulesOf(release, await createNamespace())).toEqual([]);
  });

  test("apply to the listed namespaces, not to the release's namespace", async () => {
    const [release, namespaces] = [await newRelease(), [await createNamespace(), await createNamespace()]];
    await using _installed = await install(release, { namespaces });
    for (const namespace of namespaces) expect(await rulesOf(release, namespace)).toEqual(RULES);
    expect(await rulesOf(release, release.namespace)).toEqual([]);
  });

  test('apply to all namespaces with heal.allNamespaces', async () => {
    const release = await newRelease();
    await using _installed = await install(release, { allNamespaces: true });
    expect(await rulesOf(release, await createNamespace())).toEqual(RULES);
  });

  test('let heal find the namespaces that the webhook covers', async () => {
    const release = await newRelease();
    const webhook = { namespaceSelector: SELECTOR };
    await using _installed = await install(release, { allNamespaces: true }, { webhook });
    expect(await rulesOf(release, release.namespace)).toEqual([...RULES, LIST_NAMESPACES]);

    const labels = { team: 'gateways', tier: '', stage: 'live', open: '' };
    const selected = await createNamespaceWith(labels);
    for (const others of [{ team: 'a' }, { tier: 'a' }, { stage: 'a' }, { 'example.com/closed': '' }]) {
      await createNamespaceWith({ ...labels, ...others });
    }
    const { open: _open, ...closed } = labels;
    await createNamespaceWith(closed);
    const objects = await renderObjects({ heal: { schedule: '@hourly', allNamespaces: true }, webhook }, release);
    const [selector = ''] = argumentsOf(objects, 'CronJob').flatMap(
      (argument) => argument.split('--namespace-selector=')[1] ?? [],
    );
    const found = await kubectl(['get', 'namespaces', '-l', selector, '-o', 'name', `--as=${userOf(release)}`]);
    expect(found.trim()).toBe(`namespace/${selected}`);
  });

  test('come with a mounted token only in the Pods of heal', async () => {
    const release = await newRelease();
    const objects = await renderObjects({ heal: { schedule: '@hourly' } }, release);
    const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount');
    expect(accounts.map((account) => account['automountServiceAccountToken'])).toEqual([false, false]);
    const templates = objects.filter(({ kind }) => kind === 'CronJob').flatMap(podTemplatesOf);
    expect(templates.map(({ spec }) => spec.automountServiceAccountToken)).toEqual([true]);
  });
});

function install(release: ReleaseName, heal: Values, values: Values = {}): Promise<Release> {
  const on = { fullnameOverride: release.name, heal: { schedule: '@hourly', ...heal } };
  return Release.install(release, { ...on, ...values });
}

function userOf({ name, namespace }: ReleaseName): string {
  return `system:serviceaccount:${namespace}:${name}-heal`;
}

/** Returns heal's RBAC rules in a namespace, by the API server, without those that every user has. */
async function rulesOf(release: ReleaseName, namespace: string): Promise<readonly Rule[]> {
  const everyone = new Set((await reviewOf(`system:serviceaccount:${namespace}:nobody`, namespace)).map(textOf));
  return (await reviewOf(userOf(release), namespace)).filter((rule) => !everyone.has(textOf(rule)));
}

async function reviewOf(user: string, namespace: string): Promise<readonly Rule[]> {
  const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
  const { body } = await callApi('POST', path, { spec: { namespace } }, { 'impersonate-user': user });
  return (body as { readonly status: { readonly resourceRules: readonly Rule[] } }).status.resourceRules;
}

function textOf(rule: Rule): string {
  return JSON.stringify(rule);
}

async function createNamespaceWith(labels: Readonly<Record<string, string>>): Promise<string> {
  const metadata = { generateName: 'test-', labels };
  const { metadata: created } = await create({ apiVersion: 'v1', kind: 'Namespace', metadata });
  return created.name ?? '';
}
