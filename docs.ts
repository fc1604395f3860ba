import { readFile, writeFile } from 'node:fs/promises';
import { isMap, type Node, type Pair, parseDocument, type Scalar, type YAMLMap } from 'yaml';

const TABLE = /(?<=<!-- Values, from values\.yaml: run `npm run docs` -->\n).*?(?=<!-- End of values -->)/s;

/** The used fields of a JSON schema. */
interface Schema {
  readonly enum?: unknown;
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** A value of the chart, or a group of values, which has no default. */
export interface Value {
  readonly key: string;
  readonly type: string;
  readonly default: string | undefined;
  readonly description: string;
}

/** The names of JSON schema types in helm-docs, if they differ. */
const TYPES: Readonly<Record<string, string>> = { integer: 'int', boolean: 'bool', array: 'list' };

/** Returns the chart's values in the order of values.yaml, and the groups that have a comment. */
export function describeValues(text: string, schema: Schema): readonly Value[] {
  const document = parseDocument<YAMLMap<Scalar<string>, Node>>(text);

  const describe = ({ key, value }: Pair<Scalar<string>, Node>, parent: Schema, path: string): readonly Value[] => {
    const property = resolve(parent.properties?.[key.value], schema);
    const row = {
      key: `${path}${key.value}`,
      type: typeOf(property),
      description: commentOn(text, key, value),
    };
    if (!isMap<Scalar<string>, Node>(value) || value.items.length === 0 || !property.properties) {
      return [{ ...row, default: JSON.stringify(value?.toJS(document)) }];
    }
    const members = value.items.flatMap((pair) => describe(pair, property, `${row.key}.`));
    return row.description ? [{ ...row, default: undefined }, ...members] : members;
  };
  return document.contents?.items.flatMap((pair) => describe(pair, schema, '')) ?? [];
}

/** Returns the chart's README with the values in its table. */
export function withValues(readme: string, values: readonly Value[]): string {
  const rows = values.map(({ key, type, default: value, description }) => {
    return [key, type, value === undefined ? '' : `\`${value}\``, description];
  });
  if (!TABLE.test(readme)) throw new Error('Cannot find the comments around the table of values in README.md');
  return readme.replace(TABLE, () => markdownTable(['Key', 'Type', 'Default', 'Description'], rows));
}

/** Returns a Markdown table in which each row has a line end. A bar in a cell would end the cell, so it is escaped. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [head, head.map(() => '---'), ...rows].map(line).join('');
}

/** Returns the comment directly above a value, and the one on the same line. */
function commentOn(text: string, key: Scalar, value: Node | null): string {
  const [keyStart = 0, keyEnd = 0] = key.range ?? [];
  const [valueStart = 0, valueEnd = 0] = value?.range ?? [];
  const above = /((?:\n[ \t]*#.*)*)\n[ \t]*$/.exec(`\n${text.slice(0, keyStart)}`)?.[1] ?? '';
  // If a value is empty or on the next lines, its comment is after the key.
  const isBeside = valueEnd > valueStart && !text.slice(keyEnd, valueStart).includes('\n');
  const behind = /^:?[ \t]+(#.*)/.exec(text.slice(isBeside ? valueEnd : keyEnd))?.[1] ?? '';
  const lines = `${above}\n${behind}`.split('\n').map((line) => line.replace(/^\s*# ?/, ''));
  return lines.filter(Boolean).join(' ');
}

function resolve(property: Schema | undefined, { $defs = {} }: Schema): Schema {
  const name = property?.$ref?.replace('#/$defs/', '');
  return (name === undefined ? property : $defs[name]) ?? {};
}

/** Returns the first type. The others mean that the value can be empty. A schema with only an enum describes a string. */
function typeOf({ type, anyOf = [] }: Schema): string {
  const [name = 'string'] = [type ?? anyOf[0]?.type ?? []].flat();
  return TYPES[name] ?? name;
}

if (import.meta.main) {
  const chart = new URL('charts/gateway-name-webhook/', import.meta.url);
  const read = (file: string) => readFile(new URL(file, chart), 'utf8');
  const values = describeValues(await read('values.yaml'), JSON.parse(await read('values.schema.json')));
  await writeFile(new URL('README.md', chart), withValues(await read('README.md'), values));
}
