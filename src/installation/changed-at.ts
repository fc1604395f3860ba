import { fieldAt } from '../objects/managed-fields.ts';
import type { ManagedFields } from '../objects/stored-object.ts';
import type { WebhookConfiguration } from './configuration.ts';

/** The fields of an entry that decide what is sent; others, such as the caBundle, are written often. */
const DECIDING_FIELDS = ['f:rules', 'f:namespaceSelector', 'f:objectSelector', 'f:matchConditions'];

/** When a field that decides what is sent was last changed (RFC 3339), if that is on record. */
export function changedAt({ metadata: { managedFields = [] } }: WebhookConfiguration): string | undefined {
  const times = managedFields.filter(decidesWhatIsSent).map(({ time = '' }) => time);
  return times.sort().at(-1);
}

function decidesWhatIsSent({ fieldsV1 }: ManagedFields): boolean {
  const entries = Object.values(fieldAt(fieldsV1, 'f:webhooks') ?? {});
  return entries.some((entry) => DECIDING_FIELDS.some((field) => fieldAt(entry, field) !== undefined));
}
