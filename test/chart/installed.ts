import { randomUUID } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { cluster, kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { createNamespace, type KubernetesObject } from '../cluster/objects.ts';
import { CHART, type ReleaseName, renderObjects, tryHelm, type Values } from './helm.ts';

/** Groups tests that need Helm and an API server; skips them where one of them is missing. */
export const describeInstalled = describe.skipIf(inject('helm') === null || inject('cluster') === null);

/**
 * Groups tests of engine policy. Where the API server serves no policies there is one test in their place: that the chart
 * says so.
 */
export function describePolicies(name: string, tests: () => void): void {
  const installed = inject('cluster');
  if (!installed || installed.policyVersion) return void describeInstalled(name, tests);
  describeInstalled(`${name}, where no policies are served`, () => {
    test('is refused by the chart, which says why', async () => {
      const { exitCode, stderr } = await tryHelm(['install', 'x', CHART, '--dry-run=server', '--set', 'engine=policy']);
      expect(stderr).toMatch(
        /engine is policy: MutatingAdmissionPolicy needs Kubernetes 1\.34 or newer.* set engine=webhook/,
      );
      expect(exitCode).toBe(1);
    });
  });
}

/** A release name that no other test has, in a namespace of its own. */
export async function newRelease(): Promise<ReleaseName> {
  return { name: `r${randomUUID().slice(0, 8)}`, namespace: await createNamespace() };
}

/** An entry of a MutatingWebhookConfiguration, as the API server stores it. */
export interface Entry {
  readonly name: string;
  readonly clientConfig: { readonly caBundle?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** The MutatingWebhookConfiguration among rendered objects. */
export function configurationOf(objects: readonly KubernetesObject[]): {
  readonly name: string;
  readonly entries: readonly Entry[];
} {
  const [configuration] = configurationsOf(objects);
  if (!configuration) throw new Error('Cannot find a MutatingWebhookConfiguration among the rendered objects');
  return { name: configuration.metadata.name ?? '', entries: configuration['webhooks'] as Entry[] };
}

/** Every MutatingWebhookConfiguration among rendered objects: none where only policies add labels. */
export function configurationsOf(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects.filter(({ kind }) => kind === 'MutatingWebhookConfiguration');
}

/** The name of the MutatingWebhookConfiguration that a release of these values has. */
export async function configurationName(values: Values | string, release: ReleaseName): Promise<string> {
  return configurationOf(await renderObjects(values, release)).name;
}

/** The entries of a configuration, as they are stored. */
export async function storedEntries(configuration: string): Promise<readonly Entry[]> {
  const object = await kubectl(['get', 'mutatingwebhookconfiguration', configuration, '-o', 'json']);
  return JSON.parse(object).webhooks;
}

/**
 * Rendered entries as the API server is to store them: each with the caBundle that somebody wrote, and nothing else added,
 * for every default is written out.
 */
export function asStored(rendered: readonly Entry[], caBundle?: string): readonly Entry[] {
  const written = caBundle === undefined ? {} : { caBundle: Buffer.from(caBundle).toString('base64') };
  return rendered.map(({ clientConfig, ...entry }) => {
    return { ...entry, clientConfig: { ...clientConfig, ...written } };
  });
}

/** What `helm template | kubectl diff` finds, by either way of applying: nothing, if the release is as its values say. */
export async function drift(values: Values | string, release: ReleaseName): Promise<string> {
  const items = (await renderObjects(values, release)).map((object) => withHelmAnnotations(object, release));
  const list = { apiVersion: 'v1', kind: 'List', items };
  const differences: string[] = [];
  for (const way of [[], ['--server-side', '--field-manager=helm', '--force-conflicts']]) {
    const { exitCode, stdout, stderr } = await tryKubectl(['diff', ...way, '-f', '-'], list);
    if (exitCode > 1) throw new Error(`Cannot kubectl diff: ${stderr}`);
    differences.push(stdout);
  }
  return differences.join('');
}

/** Writes the caBundle of every entry as the webhook does: by server-side apply, that field alone, as its own manager. */
export async function writeCABundle(configuration: string, caBundle: string): Promise<void> {
  const entries = await storedEntries(configuration);
  await kubectl(['apply', '--server-side', '--field-manager=gateway-name-webhook', '--force-conflicts', '-f', '-'], {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: configuration },
    webhooks: entries.map(({ name }) => ({
      name,
      clientConfig: { caBundle: Buffer.from(caBundle).toString('base64') },
    })),
  });
}

/** Writes the caBundle of every entry as cert-manager does: with an update of the whole object, as a manager of its own. */
export async function injectCABundle(configuration: string, caBundle: string): Promise<void> {
  const object = JSON.parse(await kubectl(['get', 'mutatingwebhookconfiguration', configuration, '-o', 'json']));
  for (const { clientConfig } of object.webhooks) clientConfig.caBundle = Buffer.from(caBundle).toString('base64');
  await kubectl(['replace', '--field-manager=cert-manager-cainjector', '-f', '-'], object);
}

/** An object as Helm applies it: it marks what is its own. */
export function withHelmAnnotations(object: KubernetesObject, { name, namespace }: ReleaseName): KubernetesObject {
  const own = { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace };
  const annotations = { ...(object.metadata['annotations'] as object | undefined), ...own };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Expects that the cluster has the objects of these values, and no more of the release. */
export async function expectObjects(values: Values, release: ReleaseName): Promise<void> {
  const named = ({ kind, metadata: { name } }: KubernetesObject) => `${kind} ${name}`;
  const policies = cluster().policyVersion ? 'mutatingadmissionpolicies,mutatingadmissionpolicybindings,' : '';
  const kinds = `${policies}all,secrets,configmaps,serviceaccounts,poddisruptionbudgets,networkpolicies,roles,rolebindings,clusterroles,clusterrolebindings,mutatingwebhookconfigurations,certificates.cert-manager.io,issuers.cert-manager.io`;
  const args = [
    'get',
    kinds,
    '-n',
    release.namespace,
    '-l',
    `app.kubernetes.io/instance=${release.name}`,
    '-o',
    'json',
  ];
  const items = JSON.parse(await kubectl(args)).items as KubernetesObject[];
  // ReplicaSets and Pods are the controllers'.
  const objects = items.filter(({ metadata }) => metadata['ownerReferences'] === undefined);
  expect(objects.map(named).sort()).toEqual((await renderObjects(values, release)).map(named).sort());
}
