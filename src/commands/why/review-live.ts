import type { Reverse } from '../../admission/gateway.ts';
import type { LiveConfiguration } from '../../installation/live-configuration.ts';
import type { InstalledPolicy } from '../../installation/policy.ts';
import { objectsName } from '../../installation/release-name.ts';
import { withRights } from '../../kubernetes/access.ts';
import { readAdmissionCounters } from '../../kubernetes/admission-counters.ts';
import { ApiClient } from '../../kubernetes/api-client.ts';
import { kubernetesObjectStore } from '../../kubernetes/kubernetes-object-store.ts';
import { readWebhookConfiguration } from '../../kubernetes/live-configuration.ts';
import { readPolicies } from '../../kubernetes/policies.ts';
import type { Labels } from '../../objects/label-selector.ts';
import type { ObjectReference } from '../../objects/object-store.ts';
import type { StoredObject } from '../../objects/stored-object.ts';
import type { Context } from '../context.ts';
import { BadUsage } from '../options/bad-usage.ts';
import { parseObjectName } from '../options/names.ts';
import { write } from '../output/write.ts';
import { type Reading, reviewLiveObject } from './live-review.ts';
import { parseObject } from './object-argument.ts';
import { formatLiveReview, type LiveOutput } from './report.ts';

export interface LiveSettings {
  /** KIND/NAME. */
  readonly live: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly webhookConfiguration: string;
  readonly output: LiveOutput;
  readonly reverse: Reverse;
  /** Whether a missing label is a failure. */
  readonly check: boolean;
}

/**
 * Tells why an object of a cluster has its labels, or lacks one. Returns the exit code: 0, or 1 if a label is missing and
 * `check` is set. What cannot be read but the object itself is said, and does not matter.
 */
export async function reviewLive(settings: LiveSettings, context: Context): Promise<0 | 1> {
  const { kind, name } = parseObject(settings.live);
  const client = new ApiClient(settings, context.environment);
  const namespace = settings.namespace ?? client.namespace;
  for (const text of [namespace, settings.webhookConfiguration]) {
    if (!parseObjectName(text)) throw new BadUsage(`"${text}" is not the name of an object`);
  }

  const object = await readObject(client, { kind, namespace, name });
  const [namespaceLabels, configuration] = await Promise.all([
    reading(() => readNamespaceLabels(client, namespace)),
    reading(() => readConfiguration(client, settings.webhookConfiguration)),
  ]);
  const entries = configuration.value?.entries.map(({ name }) => name) ?? [];
  const [counters, policies] = await Promise.all([
    reading(() => readAdmissionCounters(client, entries)),
    reading(() => readPoliciesWithout(configuration, client, settings.webhookConfiguration)),
  ]);

  const review = reviewLiveObject({ object, namespaceLabels, configuration, counters, policies }, settings.reverse);
  const text = formatLiveReview(review, settings.webhookConfiguration, settings.output, new Date());
  await write(context.stdout, text);
  return settings.check && review.decision.add ? 1 : 0;
}

async function readObject(client: ApiClient, reference: ObjectReference): Promise<StoredObject> {
  const { kind, namespace, name } = reference;
  const rights = [{ verb: 'get', group: '', resource: `${kind.toLowerCase()}s`, namespaced: true }];
  const store = kubernetesObjectStore(client, {});
  const read = () => store.get(reference);
  const object = await withRights(client, { command: 'review', rights, namespaces: [namespace] }, read);
  if (!object) throw new BadUsage(`There is no ${kind} ${namespace}/${name}`);
  return object;
}

function readNamespaceLabels(client: ApiClient, namespace: string): Promise<Labels> {
  const rights = [{ verb: 'get', group: '', resource: 'namespaces', namespaced: false }];
  return withRights(client, { command: 'review', rights, namespaces: [] }, async () => {
    const found = await client.get<{ metadata: { labels?: Labels } }>({ path: `/api/v1/namespaces/${namespace}` });
    return found?.metadata.labels ?? {};
  });
}

function readConfiguration(client: ApiClient, name: string): Promise<LiveConfiguration | undefined> {
  const group = 'admissionregistration.k8s.io';
  const rights = [{ verb: 'get', group, resource: 'mutatingwebhookconfigurations', namespaced: false }];
  return withRights(client, { command: 'review', rights, namespaces: [] }, () =>
    readWebhookConfiguration(client, name),
  );
}

/** The policies of the release that a configuration is named for, if there is no such configuration. */
async function readPoliciesWithout(
  configuration: Reading<LiveConfiguration | undefined>,
  client: ApiClient,
  name: string,
): Promise<readonly InstalledPolicy[]> {
  if (configuration.value || configuration.problem !== undefined) return [];
  const group = 'admissionregistration.k8s.io';
  const rights = ['mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'].map((resource) => ({
    verb: 'get',
    group,
    resource,
    namespaced: false,
  }));
  return withRights(client, { command: 'review', rights, namespaces: [] }, () =>
    readPolicies(client, objectsName(name)),
  );
}

async function reading<T>(read: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
