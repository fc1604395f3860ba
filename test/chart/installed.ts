import { randomUUID } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { cluster, kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { createNamespace, type KubernetesObject } from '../cluster/objects.ts';
import { CHART, type ReleaseName, renderObjects, tryHelm, type Values } from './helm.ts';

/** Groups tests that need Helm and an API server; skips them if one is missing. */
export const describeInstalled = describe.skipIf(inject('helm') === null || inject('cluster') === null);

/**
 * Groups tests of engine policy. If the API server serves no policies, a single test replaces them: it expects that the
 * chart says so.
 */
export function describePolicies(name: string, tests: () => void): void {
  const installed = inject('cluster');
  if (!installed || installed.policyVersion) return void describeInstalled(name, tests);
  describeInstalled(`${name}, if no policies are served`, () => {
    test('is refused by the chart with the reason', async () => {
      const { exitCode, stderr } = await tryHelm(['install', 'x', CHART, '--dry-run=server', '--set', 'engine=policy']);
      expect(stderr).toMatch(
        /engine is policy: MutatingAdmissionPolicy needs Kubernetes 1\.34 or newer.* set engine=webhook/,
      );
      expect(exitCode).toBe(1);
    });
  });
}

/** Returns a unique release name in a new namespace. */
export async function newRelease(): Promise<ReleaseName> {
  return { name: `r${randomUUID().slice(0, 8)}`, namespace: await createNamespace() };
}

/** An entry of a stored MutatingWebhookConfiguration. */
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

/** Every MutatingWebhookConfiguration among rendered objects: none with engine policy. */
export function configurationsOf(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects.filter(({ kind }) => kind === 'MutatingWebhookConfiguration');
}

/** The name of the MutatingWebhookConfiguration of a release with these values. */
export async function configurationName(values: Values | string, release: ReleaseName): Promise<string> {
  return configurationOf(await renderObjects(values, release)).name;
}

/** Reads the entries of a configuration. */
export async function storedEntries(configuration: string): Promise<readonly Entry[]> {
  const object = await kubectl(['get', 'mutatingwebhookconfiguration', configuration, '-o', 'json']);
  return JSON.parse(object).webhooks;
}

/**
 * Rendered entries as the API server should store them: with the caBundle, if one was written. The API server adds nothing
 * else, because the chart sets every default.
 */
export function asStored(rendered: readonly Entry[], caBundle?: string): readonly Entry[] {
  const written = caBundle === undefined ? {} : { caBundle: Buffer.from(caBundle).toString('base64') };
  return rendered.map(({ clientConfig, ...entry }) => {
    return { ...entry, clientConfig: { ...clientConfig, ...written } };
  });
}

/** Returns the output of `helm template | kubectl diff`, client-side and server-side. It is empty if nothing has drifted. */
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

/** Writes only the caBundle of every entry as the webhook does: with server-side apply, as its own field manager. */
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

/** Writes the caBundle of every entry as cert-manager does: by updating the whole object, as its own field manager. */
export async function injectCABundle(configuration: string, caBundle: string): Promise<void> {
  const object = JSON.parse(await kubectl(['get', 'mutatingwebhookconfiguration', configuration, '-o', 'json']));
  for (const { clientConfig } of object.webhooks) clientConfig.caBundle = Buffer.from(caBundle).toString('base64');
  await kubectl(['replace', '--field-manager=cert-manager-cainjector', '-f', '-'], object);
}

/** Adds the annotations with which Helm marks its objects. */
export function withHelmAnnotations(object: KubernetesObject, { name, namespace }: ReleaseName): KubernetesObject {
  const own = { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace };
  const annotations = { ...(object.metadata['annotations'] as object | undefined), ...own };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Expects that the cluster has exactly the objects of a release with these values. */
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
  // Controllers create ReplicaSets and Pods.
  const objects = items.filter(({ metadata }) => metadata['ownerReferences'] === undefined);
  expect(objects.map(named).sort()).toEqual((await renderObjects(values, release)).map(named).sort());
}
