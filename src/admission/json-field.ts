import type { JsonText } from './json-text.ts';

/** A key of an object to keep, and the keys to keep of its value, if that is an object. */
interface Shape {
  readonly key: string;
  readonly fields: readonly Shape[];
}

/** The same, ready to be looked up in bytes. */
export interface Field {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly fields: readonly Field[];
}

/** Prepares a shape. Its keys must be such that JSON need not escape them. */
export function fieldOf({ key, fields }: Shape): Field {
  return { key, bytes: Buffer.from(key), fields: fields.map(fieldOf) };
}

/** Finds the field that a key names. */
export function findField(fields: readonly Field[], key: JsonText): Field | undefined {
  for (const field of fields) {
    if (key.isWritten(field.bytes)) return field;
  }
  if (!key.hasEscapes()) return undefined;
  const decoded = key.decode();
  return fields.find((field) => field.key === decoded);
}
