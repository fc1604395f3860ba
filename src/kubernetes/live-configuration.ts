import type { LiveConfiguration } from '../installation/live-configuration.ts';
import type { WebhookEntry } from '../installation/sending.ts';
import { fieldAt } from '../objects/managed-fields.ts';
import type { ManagedFields } from '../objects/stored-object.ts';
import type { ApiClient } from './api-client.ts';

interface StoredConfiguration {
  readonly metadata: { readonly creationTimestamp: string; readonly managedFields?: readonly ManagedFields[] };
  readonly webhooks?: readonly WebhookEntry[];
}

/** The fields of an entry that decide what is sent; others, such as the caBundle, are written all the time. */
const DECIDING_FIELDS = ['f:rules', 'f:namespaceSelector', 'f:objectSelector', 'f:matchConditions'];

/** Reads a MutatingWebhookConfiguration; undefined when there is none of that name. */
export async function readWebhookConfiguration(
  client: ApiClient,
  name: string,
): Promise<LiveConfiguration | undefined> {
  const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${name}`;
  const stored = await client.get<StoredConfiguration>({ path });
  if (!stored) return undefined;
  const { creationTimestamp, managedFields = [] } = stored.metadata;
  const times = managedFields.filter(decidesWhatIsSent).map(({ time = '' }) => time);
  return { creationTimestamp, changedAt: times.sort().at(-1), entries: stored.webhooks ?? [] };
}

function decidesWhatIsSent({ fieldsV1 }: ManagedFields): boolean {
  const entries = Object.values(fieldAt(fieldsV1, 'f:webhooks') ?? {});
  return entries.some((entry) => DECIDING_FIELDS.some((field) => fieldAt(entry, field) !== undefined));
}
