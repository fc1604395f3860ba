import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeValues, withValues } from '../docs.ts';

const read = (file: string) => readFileSync(new URL(`../charts/gateway-name-webhook/${file}`, import.meta.url), 'utf8');
const values = describeValues(read('values.yaml'), JSON.parse(read('values.schema.json')));

const SCHEMA = {
  properties: {
    engine: { enum: ['webhook', 'policy'] },
    replicas: { type: 'integer' },
    port: { $ref: '#/$defs/port' },
    user: { anyOf: [{ type: 'integer' }, { enum: [''] }] },
    image: { type: 'object', properties: { tag: { type: 'string' }, pull: { type: 'boolean' } } },
    issuer: { type: 'object', properties: { name: { type: 'string' } } },
    labels: { type: 'object' },
    list: { type: 'array' },
  },
  $defs: { port: { type: ['integer', 'null'] } },
};

describe('describeValues()', () => {
  test.for([
    ['a comment after the value', 'replicas: 2 # How many', [['replicas', 'int', '2', 'How many']]],
    [
      'a comment above the value',
      '# One of\n# them\nengine: webhook',
      [['engine', 'string', '"webhook"', 'One of them']],
    ],
    ['both comments', '# Above\nport: # behind', [['port', 'int', 'null', 'Above behind']]],
    ['no comment', '# Of the file\n\nuser: 65532', [['user', 'int', '65532', '']]],
    [
      'no comment, after another value with one',
      'replicas: 2 # How many\nlist: []',
      [
        ['replicas', 'int', '2', 'How many'],
        ['list', 'list', '[]', ''],
      ],
    ],
    ['a # in a value', 'engine: "a # b" # c', [['engine', 'string', '"a # b"', 'c']]],
    [
      'a group',
      'image:\n  # Its tag\n  tag: ""\n  pull: true # Whether',
      [
        ['image.tag', 'string', '""', 'Its tag'],
        ['image.pull', 'bool', 'true', 'Whether'],
      ],
    ],
    [
      'a group with a comment',
      'image: # All\n  tag: ""',
      [
        ['image', 'object', undefined, 'All'],
        ['image.tag', 'string', '""', ''],
      ],
    ],
    ['an empty group', 'issuer: {} # Yours', [['issuer', 'object', '{}', 'Yours']]],
    ['an object with any keys', 'labels:\n  # Not of the table\n  a: "1"', [['labels', 'object', '{"a":"1"}', '']]],
  ] as const)('reads %s', ([, text, rows]) => {
    expect(describeValues(text, SCHEMA)).toEqual(
      rows.map(([key, type, value, description]) => ({ key, type, default: value, description })),
    );
  });
});

describe('withValues()', () => {
  const readme =
    '# Chart\n\n<!-- Values, from values.yaml: run `npm run docs` -->\nold\n<!-- End of values -->\n\nMore\n';
  const value = { key: 'a', type: 'string', default: '"$&|"', description: 'This | that' };

  test('replaces the table, and nothing else', () => {
    const documented = withValues(readme, [value, { ...value, default: undefined }]);
    expect(documented).toBe(
      readme.replace('old', () =>
        [
          '| Key | Type | Default | Description |',
          '| --- | --- | --- | --- |',
          '| a | string | `"$&\\|"` | This \\| that |',
          '| a | string |  | This \\| that |',
        ].join('\n'),
      ),
    );
    expect(withValues(documented, [value, { ...value, default: undefined }])).toBe(documented);
  });

  test('throws for a README without the comments around the table', () => {
    expect(() => withValues('# Chart', [])).toThrow('Cannot find the comments around the table of values in README.md');
  });
});

describe("the chart's README", () => {
  test('has an up-to-date table of values: run `npm run docs`', () => {
    expect(withValues(read('README.md'), values)).toBe(read('README.md'));
  });

  test('describes every value', () => {
    expect(values.filter(({ description }) => !/^[^a-z].*$/.test(description)).map(({ key }) => key)).toEqual([]);
    const listed = values.filter((value) => value.default !== undefined).map(({ key }) => key);
    const isListed = (path: string) => listed.some((key) => path === key || path.startsWith(`${key}.`));
    expect(leavesOf(parse(read('values.yaml'))).filter((path) => !isListed(path))).toEqual([]);
  });
});

function leavesOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0)
    return [path];
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, path ? `${path}.${key}` : key));
}
