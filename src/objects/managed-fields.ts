import type { StoredMetadata } from './stored-object.ts';

/** By which backfill and heal add labels. What admission adds has no manager. */
export const LABEL_MANAGER = 'gateway-name-webhook';

/** Who has set a label, by the record that the API server keeps. */
export interface LabelManager {
  readonly manager: string;
  /** RFC 3339: when it set it, or something else of its own, last. */
  readonly time: string;
  /** Whether it has set nothing but labels: then it did not create the object. */
  readonly hasSetLabelsOnly: boolean;
}

/** Returns the managers that have set a label. What admission adds to an object has none. */
export function managersOf({ managedFields = [] }: StoredMetadata, key: string): LabelManager[] {
  return managedFields
    .filter(({ fieldsV1 }) => fieldAt(fieldsV1, 'f:metadata', 'f:labels', `f:${key}`) !== undefined)
    .map(({ manager = 'unknown', time = 'unknown', fieldsV1 }) => {
      const hasSetLabelsOnly = isOnly('f:metadata', fieldsV1) && isOnly('f:labels', fieldAt(fieldsV1, 'f:metadata'));
      return { manager, time, hasSetLabelsOnly };
    });
}

/** Returns what is below a field of a tree of fields (meta/v1 FieldsV1); undefined where there is no such field. */
export function fieldAt(fields: object | undefined, ...path: readonly string[]): object | undefined {
  return path.reduce<object | undefined>(
    (found, key) => (found && Object.hasOwn(found, key) ? (found as Readonly<Record<string, object>>)[key] : undefined),
    fields,
  );
}

function isOnly(key: string, fields: object = {}): boolean {
  return Object.keys(fields).join() === key;
}
