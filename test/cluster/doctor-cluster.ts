import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { run } from '../../src/commands/program.ts';
import type { Check } from '../../src/doctor/check.ts';
import { ApiClient } from '../../src/kubernetes/api-client.ts';
import { chartConfiguration } from '../support/chart-configuration.ts';
import { testContext } from '../support/context.ts';
import { callApi } from './api.ts';
import { eventually } from './eventually.ts';
import { cluster, kubectl } from './kubectl.ts';
import { createNamespace, NAMESPACE_LABEL, OWNER, objectOf, STANDARD } from './objects.ts';

export interface Diagnosis {
  readonly exitCode: number;
  readonly result: string;
  readonly checks: readonly Check[];
}

/** Runs doctor against the tests' cluster, or with another kubeconfig; returns its JSON output. */
export async function doctor(args: readonly string[], kubeconfig = cluster().kubeconfig): Promise<Diagnosis> {
  const { exitCode, stdout } = await printed([...args, '-o', 'json'], kubeconfig);
  return { exitCode, ...JSON.parse(stdout) };
}

/** Runs doctor; returns its text output. */
export async function printed(args: readonly string[], kubeconfig = cluster().kubeconfig) {
  const { context, written } = testContext();
  vi.stubEnv('KUBECONFIG', kubeconfig);
  try {
    return { exitCode: await run(['doctor', ...args], context), ...written };
  } finally {
    vi.unstubAllEnvs();
  }
}

/** The checks of a section, without the details that differ from run to run. */
export function of(section: string, { checks }: Diagnosis) {
  return checks
    .filter((check) => check.section === section)
    .map(({ name, status, class: fault }) => [name, status, fault]);
}

type Called = { readonly url: string } | { readonly service: object };

/** Creates the chart's webhook configuration for a single namespace. */
export async function registered(
  called: Called,
  { ca, failurePolicy = 'Ignore' }: { readonly ca: string; readonly failurePolicy?: 'Ignore' | 'Fail' },
) {
  const name = `doctor-${randomUUID().slice(0, 8)}`;
  const namespace = await createNamespace({ name });
  const { webhooks = [] } = chartConfiguration();
  const caBundle = Buffer.from(ca).toString('base64');
  await kubectl(['create', '-f', '-'], {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: webhooks.map((entry) => ({
      ...entry,
      failurePolicy,
      clientConfig: { ...called, caBundle },
      namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: name } },
    })),
  });
  onTestFinished(
    async () => void (await kubectl(['delete', 'mutatingwebhookconfiguration', name, '--ignore-not-found'])),
  );
  return { name, namespace, args: ['--webhook-configuration', name, '-n', namespace] };
}

/** Waits until an object in the namespace shows that the API server calls the webhook: a label, a refusal or a delay. */
export async function untilCalled(
  namespace: string,
  isCalled: (answer: { labels: object; status: number; ms: number }) => boolean,
) {
  await eventually('the API server to know the configuration', async () => {
    const started = performance.now();
    const object = objectOf('ServiceAccount', { generateName: 'try-', labels: { [OWNER]: 'try' } });
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts?dryRun=All`;
    const { status, body } = await callApi('POST', path, object);
    const { labels = {} } = (body as { metadata: { labels?: object } }).metadata;
    return isCalled({ labels, status, ms: performance.now() - started }) || undefined;
  });
}

export const isLabelled = ({ labels }: { readonly labels: object }) => Object.hasOwn(labels, STANDARD);

/** Creates an administrator's client of the tests' API server. */
export function adminClient(): ApiClient {
  return new ApiClient({ kubeconfig: cluster().kubeconfig }, {});
}

/** Writes a changed copy of the tests' kubeconfig; returns its path. */
export function kubeconfigLike(
  change: (kubeconfig: { clusters: { cluster: object }[]; users: { user: object }[] }) => void,
): string {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-name-webhook-kubeconfig-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const kubeconfig = JSON.parse(readFileSync(cluster().kubeconfig, 'utf8'));
  change(kubeconfig);
  const file = join(directory, 'kubeconfig');
  writeFileSync(file, JSON.stringify(kubeconfig), { mode: 0o600 });
  return file;
}

/** An address of this machine that endpoints may have, so not a loopback address. Undefined if there is none. */
export const MACHINE = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

/** Creates a Service and, if a port of this machine is given, a Pod there: the API server can proxy requests to it. */
export async function serviceIn(namespace: string, name: string, port?: number): Promise<void> {
  const metadata = { name, namespace };
  const items: object[] = [
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ name: 'https', port: 443 }] } },
  ];
  if (port !== undefined) {
    const targetRef = { kind: 'Pod', name, namespace };
    items.push(
      { ...objectOf('Pod', metadata) },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { ...metadata, labels: { 'kubernetes.io/service-name': name } },
        addressType: 'IPv4',
        endpoints: [{ addresses: [MACHINE], conditions: { ready: true }, targetRef }],
        ports: [{ name: 'https', port }],
      },
      // API servers before about 1.31 find a Service's Pods by its Endpoints.
      {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata,
        subsets: [{ addresses: [{ ip: MACHINE, targetRef }], ports: [{ name: 'https', port }] }],
      },
    );
  }
  await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  if (port === undefined) return;
  // A kubelet would set these fields.
  const status = { podIP: MACHINE, podIPs: [{ ip: MACHINE }] };
  await kubectl(['patch', 'pod', name, '-n', namespace, '--subresource=status', '-p', JSON.stringify({ status })]);
}
