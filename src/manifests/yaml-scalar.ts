import type { Scalar } from 'yaml';

/** The value of a scalar for kubectl: a string only if nothing else matches. */
export type ScalarValue = string | number | boolean | null;

/**
 * Reads a scalar as kubectl does, by goyaml.v2's rules (its resolve.go): YAML 1.1's booleans and octal numbers, but no numbers of
 * base 60, and dates are strings.
 */
export function scalarValue({ source, type, tag }: Scalar): ScalarValue {
  const text = String(source);
  const kind = tag?.startsWith(CORE_TAGS) ? tag.slice(CORE_TAGS.length) : undefined;
  if (kind === 'binary') return Buffer.from(text, 'base64').toString();
  const isPlain = type === 'PLAIN' || type === undefined;
  if (kind === undefined ? tag !== undefined || !isPlain : !RESOLVED_TAGS.has(kind)) return text;
  return plainValue(text);
}

const CORE_TAGS = 'tag:yaml.org,2002:';

/** A scalar with such a tag is read as if it were plain, even in quotes. */
const RESOLVED_TAGS = new Set(['bool', 'int', 'float', 'null']);

const CONSTANTS = new Map<string, ScalarValue>([
  ...words(true, 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'),
  ...words(false, 'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'),
  ...words(null, '', '~', 'null', 'Null', 'NULL'),
  ...words(Number.NaN, '.nan', '.NaN', '.NAN'),
  ...words(Number.POSITIVE_INFINITY, '.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'),
  ...words(Number.NEGATIVE_INFINITY, '-.inf', '-.Inf', '-.INF'),
]);

function words(value: ScalarValue, ...texts: readonly string[]): [string, ScalarValue][] {
  return texts.map((text) => [text, value]);
}

/** With a point in front, Go's own syntax holds; with a sign or a digit, YAML's, any underscores left out. */
const POINT_FLOAT = /^\.\d+(?:_\d+)*(?:[eE][-+]?\d+(?:_\d+)*)?$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const OCTAL = /^[-+]?0[0-7]+$/;
const INTEGER_WITH_BASE = /^([-+]?)(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/;

function plainValue(text: string): ScalarValue {
  const constant = CONSTANTS.get(text);
  if (constant !== undefined) return constant;
  if (text.startsWith('.') ? !POINT_FLOAT.test(text) : !/^[-+\d]/.test(text)) return text;
  const digits = text.replaceAll('_', '');
  const [, sign, integer] = INTEGER_WITH_BASE.exec(digits) ?? [];
  if (integer !== undefined) return fits64Bits(BigInt(integer), sign) ? Number(integer) : text;
  if (OCTAL.test(digits)) return Number.parseInt(digits, 8);
  const number = FLOAT.test(digits) ? Number(digits) : Number.NaN;
  return Number.isFinite(number) ? number : text;
}

function fits64Bits(integer: bigint, sign = ''): boolean {
  const most = { '': 2n ** 64n - 1n, '+': 2n ** 63n - 1n, '-': 2n ** 63n }[sign];
  return most !== undefined && integer <= most;
}
