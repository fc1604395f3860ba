import { fieldAt } from '../objects/managed-fields.ts';
import type { ManagedFields } from '../objects/stored-object.ts';

/** A field of an entry whose manager did not install the entry. */
export interface ForeignField {
  readonly field: string;
  readonly manager: string;
  /** RFC 3339. */
  readonly time: string;
}

/**
 * Finds the fields of an entry that were not set by what installed it: the managers of at least half of its fields. Helm,
 * Argo CD, Flux and `kubectl apply` write whole entries, an edit writes some fields, so none of them needs to be known by name.
 *
 * Removed fields have no manager, and fields that are applied again belong to what applied them: mismatchesOf() and the section
 * call see the effect.
 */
export function foreignFields(managedFields: readonly ManagedFields[] = [], entry: string): ForeignField[] {
  const records = managedFields.flatMap(({ manager = 'unknown', time = 'unknown', fieldsV1 }) => {
    const fields = fieldAt(fieldsV1, 'f:webhooks', `k:${JSON.stringify({ name: entry })}`) ?? {};
    return Object.entries(fields).flatMap(([key, below]) => (isCounted(key, below) ? [{ manager, time, key }] : []));
  });
  const all = new Set(records.map(({ key }) => key));
  const installers = [...Map.groupBy(records, ({ manager }) => manager)]
    .filter(([, own]) => new Set(own.map(({ key }) => key)).size * 2 >= all.size)
    .map(([manager]) => manager);
  const foreign = records
    .filter(({ manager }) => !installers.includes(manager))
    .map(({ key, manager, time }) => ({ field: key.replace('f:', ''), manager, time }))
    .sort((a, b) => a.time.localeCompare(b.time));
  // If several have set a field, the last one counts.
  return [...new Map(foreign.map((one) => [one.field, one])).values()];
}

/** The webhook or cert-manager sets the caBundle, and whatever applies a field also sets the name. */
function isCounted(key: string, below: object): boolean {
  if (key === 'f:clientConfig') return Object.keys(below).some((part) => part !== 'f:caBundle');
  return key.startsWith('f:') && key !== 'f:name';
}
