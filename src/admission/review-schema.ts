import { READ_ANNOTATIONS, READ_LABELS } from './gateway.ts';

export const API_VERSION = 'admission.k8s.io/v1';
export const KIND = 'AdmissionReview';

/** A name has at most 253 characters (RFC 1123 subdomain), a uid 36; but admission comes before validation. */
export const LONGEST_NAME = 253;

/** A field that is read, and what its value must be. */
interface Schema {
  readonly key: string;
  readonly type: 'string' | 'boolean' | 'object';
  readonly isRequired?: true;
  readonly isNullable?: true;
  /** The one value it may have. */
  readonly only?: string;
  /** It is sent back, so it must be present, and complete. */
  readonly isEchoed?: true;
  /** The fields of an object that are read. */
  readonly fields: readonly Schema[];
}

type Rules = Omit<Schema, 'key' | 'type' | 'fields'>;

const string = (key: string, rules: Rules = {}): Schema => ({ key, type: 'string', fields: [], ...rules });
const object = (key: string, rules: Rules, ...fields: Schema[]): Schema => ({ key, type: 'object', fields, ...rules });
const isRequired = true;
const isNullable = true;

/** `AdmissionReview`, as far as it is read. */
export const REVIEW_SCHEMA = object(
  '',
  {},
  string('apiVersion', { isRequired, only: API_VERSION }),
  string('kind', { isRequired, only: KIND }),
  object(
    'request',
    { isRequired },
    string('uid', { isRequired, isEchoed: true }),
    object('kind', {}, string('kind', { isRequired })),
    string('namespace'),
    string('name'),
    string('operation'),
    { key: 'dryRun', type: 'boolean', isNullable, fields: [] },
    object(
      'object',
      { isNullable },
      object(
        'metadata',
        {},
        string('name'),
        string('generateName'),
        string('deletionTimestamp', { isNullable }),
        object('labels', { isNullable }, ...READ_LABELS.map((key) => string(key))),
        object('annotations', { isNullable }, ...READ_ANNOTATIONS.map((key) => string(key))),
      ),
    ),
  ),
);

/** Says in a sentence the first thing that is wrong with a value; undefined if nothing is. Does not change the value. */
export function problemOf(value: unknown, schema: Schema): string | undefined {
  if (value === undefined && !schema.isRequired) return undefined;
  if (value === null && schema.isNullable) return undefined;
  const own = ownProblem(value, schema);
  if (own !== undefined) return `${schema.key} ${own}`;
  for (const field of schema.fields) {
    const problem = problemOf((value as Readonly<Record<string, unknown>>)[field.key], field);
    if (problem !== undefined) return schema.key === '' ? problem : `${schema.key}.${problem}`;
  }
  return undefined;
}

function ownProblem(value: unknown, { type, only, isEchoed }: Schema): string | undefined {
  if (typeOf(value) !== type || (only !== undefined && value !== only)) {
    const expected = only === undefined ? NAMES[type] : JSON.stringify(only);
    return `is ${shown(value)}, expected ${expected}`;
  }
  if (isEchoed && value === '') return 'is empty';
  if (isEchoed && (value as string).length > LONGEST_NAME) return `is longer than ${LONGEST_NAME} characters`;
  return undefined;
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'a boolean',
  number: 'a number',
  object: 'an object',
  array: 'a list',
  null: 'null',
  undefined: 'missing',
};

/** The type of a JSON value. */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Shortened: the value may be megabytes of a user's object. */
function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(NAMES[typeOf(value)]);
}
