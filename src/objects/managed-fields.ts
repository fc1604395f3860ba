import type { StoredMetadata } from './stored-object.ts';

/** The field manager of backfill and heal. Labels that admission adds have no manager. */
export const LABEL_MANAGER = 'gateway-name-webhook';

/** A manager of a label, as recorded by the API server. */
export interface LabelManager {
  readonly manager: string;
  /** RFC 3339: when it last set the label, or another field that it owns. */
  readonly time: string;
  /** Whether it owns nothing but labels: then it did not create the object. */
  readonly hasSetLabelsOnly: boolean;
}

/** Returns the managers of a label. A label that admission added has none. */
export function managersOf({ managedFields = [] }: StoredMetadata, key: string): LabelManager[] {
  return managedFields
    .filter(({ fieldsV1 }) => fieldAt(fieldsV1, 'f:metadata', 'f:labels', `f:${key}`) !== undefined)
    .map(({ manager = 'unknown', time = 'unknown', fieldsV1 }) => {
      const hasSetLabelsOnly = isOnly('f:metadata', fieldsV1) && isOnly('f:labels', fieldAt(fieldsV1, 'f:metadata'));
      return { manager, time, hasSetLabelsOnly };
    });
}

/** Returns the subtree at a path of fields (meta/v1 FieldsV1); undefined if there is no such field. */
export function fieldAt(fields: object | undefined, ...path: readonly string[]): object | undefined {
  return path.reduce<object | undefined>(
    (found, key) => (found && Object.hasOwn(found, key) ? (found as Readonly<Record<string, object>>)[key] : undefined),
    fields,
  );
}

function isOnly(key: string, fields: object = {}): boolean {
  return Object.keys(fields).join() === key;
}
