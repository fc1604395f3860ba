import { randomUUID } from 'node:crypto';
import { samplesOf } from '../../src/kubernetes/prometheus-text.ts';
import { type Counts, increase } from './counts.ts';
import { eventually } from './eventually.ts';
import { kubectl, tryKubectl } from './kubectl.ts';
import { createNamespace, NAMESPACE_LABEL, OPT_OUT, OWNER, objectOf, STANDARD } from './objects.ts';
import type { ClientConfig } from './webhook.ts';

export interface RegistrationOptions extends ClientConfig {
  readonly failurePolicy?: 'Ignore' | 'Fail';
  /** Calls the webhook for every creation, update and deletion, not only if a label is missing. */
  readonly wide?: boolean;
}

/** A MutatingWebhookConfiguration in effect. It covers the namespaces that have its name in a label. */
export interface Registration extends AsyncDisposable {
  readonly name: string;
  /** The name of the entry that adds the standard label. */
  readonly addStandard: string;
  /** The name of the entry that adds the owner label. */
  readonly addOwner: string;
}

/** Creates a MutatingWebhookConfiguration, and waits until the API server calls its webhook. */
export async function register(options: RegistrationOptions): Promise<Registration> {
  const name = `gateway-name-webhook-${randomUUID().slice(0, 8)}`;
  const configuration = configurationOf(name, options);
  await kubectl(['create', '-f', '-'], configuration);

  const namespace = await createNamespace({ name });
  const probe = objectOf('ServiceAccount', { namespace, labels: { [OWNER]: 'probe' } });
  const entries = configuration.webhooks.map((webhook) => webhook.name);
  await eventually('the API server to call the webhook', async () => {
    await tryKubectl(['create', '--dry-run=server', '-f', '-'], probe);
    const calls = await countBy('apiserver_admission_webhook_request_total', ({ name }) => name);
    return entries.some((entry) => calls[entry]) || undefined;
  });

  const [addStandard = '', addOwner = ''] = entries;
  return {
    name,
    addStandard,
    addOwner,
    async [Symbol.asyncDispose]() {
      await kubectl(['delete', 'mutatingwebhookconfiguration', name]);
    },
  };
}

/** Counts the API server's calls of each webhook entry while `act` runs, by HTTP status. */
export function callsDuring(act: () => Promise<unknown>): Promise<Counts> {
  return countedDuring(
    () => countBy('apiserver_admission_webhook_request_total', ({ name, code }) => `${name} ${code}`),
    act,
  );
}

/** Counts the calls of each webhook entry that failed open while `act` runs. */
export function failOpensDuring(act: () => Promise<unknown>): Promise<Counts> {
  return countedDuring(() => countBy('apiserver_admission_webhook_fail_open_count', ({ name }) => name), act);
}

async function countedDuring(count: () => Promise<Counts>, act: () => Promise<unknown>): Promise<Counts> {
  const before = await count();
  await act();
  return increase(before, await count());
}

/** Sums one of the API server's metrics, grouped by the `key` of its labels. */
export async function countBy(metric: string, key: (labels: Readonly<Record<string, string>>) => string | undefined) {
  const counts: Record<string, number> = {};
  for (const { labels, value } of samplesOf(await kubectl(['get', '--raw', '/metrics']), metric)) {
    const counter = key(labels) ?? '';
    counts[counter] = (counts[counter] ?? 0) + value;
  }
  return counts;
}

/** A configuration like the chart's: it calls the webhook only if a label is missing. */
export function configurationOf(name: string, options: Partial<RegistrationOptions>) {
  const { url, caBundle, failurePolicy = 'Ignore', wide = false } = options;
  const entry = (direction: string, matchExpressions: readonly object[]) => ({
    // Unique, like the chart's name for a further attempt, because the API server counts calls by this name.
    name: `${name}.${direction}.label.gateway-name-webhook`,
    clientConfig: { url, caBundle },
    rules: [
      {
        operations: wide ? ['CREATE', 'UPDATE', 'DELETE'] : ['CREATE'],
        apiGroups: [''],
        apiVersions: ['v1'],
        resources: ['pods', 'services', 'serviceaccounts'],
        scope: 'Namespaced',
      },
    ],
    namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: name } },
    objectSelector: { matchExpressions },
    matchPolicy: 'Equivalent',
    failurePolicy,
    timeoutSeconds: 2,
    sideEffects: 'None',
    reinvocationPolicy: 'Never',
    admissionReviewVersions: ['v1'],
  });
  const exactly = (present: string, absent: string) => [
    { key: present, operator: 'Exists' },
    { key: absent, operator: 'DoesNotExist' },
    { key: OPT_OUT, operator: 'DoesNotExist' },
  ];
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: wide
      ? [entry('wide', [])]
      : [entry('standard', exactly(OWNER, STANDARD)), entry('owner', exactly(STANDARD, OWNER))],
  };
}
