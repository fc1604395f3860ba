import type { Reverse } from '../../admission/gateway.ts';
import { outcomeOf } from '../../installation/outcome.ts';
import { withRights } from '../../kubernetes/access.ts';
import { readAdmissionCounters } from '../../kubernetes/admission-counters.ts';
import { ApiClient } from '../../kubernetes/api-client.ts';
import { readInstallation } from '../../kubernetes/installation.ts';
import { kubernetesObjectStore } from '../../kubernetes/kubernetes-object-store.ts';
import type { Labels } from '../../objects/label-selector.ts';
import type { ObjectReference } from '../../objects/object-store.ts';
import type { StoredObject } from '../../objects/stored-object.ts';
import type { Context } from '../context.ts';
import { BadUsage } from '../options/bad-usage.ts';
import type { ClusterTexts } from '../options/cluster-options.ts';
import { effectiveReverse } from '../options/effective-reverse.ts';
import { parseObjectName } from '../options/names.ts';
import type { WhyOutput } from '../options/output-forms.ts';
import { write } from '../output/write.ts';
import { reviewLiveObject } from './live-review.ts';
import { parseObject } from './object-argument.ts';
import { formatLiveReview } from './report.ts';

export interface WhyTexts extends ClusterTexts {
  readonly namespace?: string;
  readonly webhookConfiguration?: string;
  readonly output: WhyOutput;
  readonly reverse?: Reverse;
  /** Whether a missing label is a failure. */
  readonly check: boolean;
}

/**
 * Explains why an object of a cluster (KIND/NAME) has its labels, or why one is missing. Returns the exit code: 0, or 1 if a
 * label is missing and `check` is set. Anything but the object that cannot be read is reported, and is no error.
 */
export async function why(object: string, texts: WhyTexts, context: Context): Promise<0 | 1> {
  const { kind, name } = parseObject(object);
  const client = new ApiClient(texts, context.environment);
  const namespace = texts.namespace ?? client.namespace;
  for (const text of [namespace, texts.webhookConfiguration ?? namespace]) {
    if (!parseObjectName(text)) throw new BadUsage(`"${text}" is not a valid object name`);
  }

  const stored = await readObject(client, { kind, namespace, name });
  const [namespaceLabels, installation] = await Promise.all([
    outcomeOf(readNamespaceLabels(client, namespace)),
    readInstallation(client, { name: texts.webhookConfiguration, command: 'why' }),
  ]);
  const entries = installation.configuration.value?.webhooks?.map((entry) => entry.name) ?? [];
  const counters = await outcomeOf(readAdmissionCounters(client, entries));

  const reverse = effectiveReverse(texts.reverse, installation, context.stderr);
  const review = reviewLiveObject({ object: stored, namespaceLabels, installation, counters }, reverse);
  await write(context.stdout, formatLiveReview(review, texts.output, new Date()));
  return texts.check && review.decision.add ? 1 : 0;
}

async function readObject(client: ApiClient, reference: ObjectReference): Promise<StoredObject> {
  const { kind, namespace, name } = reference;
  const rights = [{ verb: 'get', group: '', resource: `${kind.toLowerCase()}s`, namespaced: true }];
  const store = kubernetesObjectStore(client, {});
  const read = () => store.get(reference);
  const object = await withRights(client, { command: 'why', rights, namespaces: [namespace] }, read);
  if (!object) throw new BadUsage(`${kind} ${namespace}/${name} not found`);
  return object;
}

function readNamespaceLabels(client: ApiClient, namespace: string): Promise<Labels> {
  const rights = [{ verb: 'get', group: '', resource: 'namespaces', namespaced: false }];
  return withRights(client, { command: 'why', rights, namespaces: [] }, async () => {
    const found = await client.get<{ metadata: { labels?: Labels } }>({ path: `/api/v1/namespaces/${namespace}` });
    return found?.metadata.labels ?? {};
  });
}
