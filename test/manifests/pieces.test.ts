import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reviewText } from '../support/reviewed-text.ts';
import { runs } from '../support/runs.ts';

/** The texts of the parts, grouped by document. */
async function documentsOf(stream: string, cuts: readonly number[] = []): Promise<string[][]> {
  const { parts } = await reviewText(stream, { cuts });
  return Map.groupBy(parts, ({ document }) => document)
    .values()
    .map((parts) => parts.map(({ raw }) => Buffer.from(raw, 'latin1').toString()))
    .toArray();
}

/** Longer than the lookahead. */
const LONG = `${'x'.repeat(70_000)}\\\\`;

describe('reviewManifests() splits', () => {
  test.for([
    { name: 'nothing', stream: '', documents: [] },
    { name: 'one document', stream: 'a: 1\n', documents: ['a: 1\n'] },
    { name: 'markers', stream: 'a: 1\n---\nb: 2\n---\nc: 3', documents: ['a: 1\n', '---\nb: 2\n', '---\nc: 3'] },
    {
      name: 'a marker at the start',
      stream: '---\na: 1\n--- # more\nb: 2\n',
      documents: ['---\na: 1\n', '--- # more\nb: 2\n'],
    },
    { name: 'an end marker', stream: 'a: 1\n...\nb: 2\n', documents: ['a: 1\n...\n', 'b: 2\n'] },
    {
      name: 'directives, which belong to the next marker',
      stream: '%YAML 1.1\n# c\n\n---\na: 1\n...\n%TAG ! !x\n---\nb: 2\n',
      documents: ['%YAML 1.1\n# c\n\n---\na: 1\n...\n', '%TAG ! !x\n---\nb: 2\n'],
    },
    {
      name: 'a directive without a marker',
      stream: '%YAML 1.1\na: 1\n---\nb: 2\n',
      documents: ['%YAML 1.1\na: 1\n', '---\nb: 2\n'],
    },
    { name: 'no directive inside a document', stream: 'a: 1\n%b\n---\n', documents: ['a: 1\n%b\n', '---\n'] },
    {
      name: 'text that only looks like a marker',
      stream: 'a: 1\n----\n ---\n---b\n....\n',
      documents: ['a: 1\n----\n ---\n---b\n....\n'],
    },
    { name: 'Windows line ends', stream: 'a: 1\r\n---\r\nb: 2\r\n', documents: ['a: 1\r\n', '---\r\nb: 2\r\n'] },
    { name: 'JSON Lines', stream: '{"a":1}\n{"b":2}\n', documents: ['{"a":1}\n', '{"b":2}\n'] },
    {
      name: 'JSON without separators',
      stream: '{"a":{}}{"b":2} {"c":3}',
      documents: ['{"a":{}}', '{"b":2}', ' {"c":3}'],
    },
    {
      name: 'JSON on several lines',
      stream: '{\n "a": {\n }\n}\n{\n}\n',
      documents: ['{\n "a": {\n }\n}\n', '{\n}\n'],
    },
    {
      name: 'braces and quotes in strings',
      stream: '{"a":"}\\"}{"}{"b":"\\\\"}',
      documents: ['{"a":"}\\"}{"}', '{"b":"\\\\"}'],
    },
    {
      name: 'JSON after markers and comments',
      stream: '# c {\n--- {"a":1}\n---\n\n{"b":2}\n# d\n{"c":3}',
      documents: ['# c {\n', '--- {"a":1}\n', '---\n\n{"b":2}\n', '# d\n{"c":3}'],
    },
    { name: 'braces inside YAML', stream: 'a: {b: 1}\nc: }\n', documents: ['a: {b: 1}\nc: }\n'] },
    { name: 'YAML flow mappings', stream: "{'a}': 1}\n{b: 1}\n", documents: ["{'a}': 1}\n{b: 1}\n"] },
    {
      name: 'YAML that starts like JSON',
      stream: '{"a": \'}\'}\n---\nb: 2\n',
      documents: ['{"a": \'}\'}\n', '---\nb: 2\n'],
    },
    {
      name: 'an unclosed brace, up to the next marker',
      stream: '{"a":\n---\nb: 2\n',
      documents: ['{"a":\n', '---\nb: 2\n'],
    },
    { name: 'empty lines', stream: '\n\n{"a":1}\n\n\n', documents: ['\n\n{"a":1}\n', '\n\n'] },
  ])('$name', async ({ stream, documents }) => {
    expect(await documentsOf(stream)).toEqual(documents.map((text) => [text]));
  });

  const yamlHeader = 'apiVersion: v1\nkind: List\nitems:\n';
  const jsonHeader = '{"apiVersion":"v1","kind":"List","items":[';
  test.for([
    { name: 'a List', parts: [yamlHeader, '- a: 1\n  b:\n  - 2\n', '- c: 3\n', ''] },
    {
      name: 'a List with its kind at the end',
      parts: ['apiVersion: v1\nitems:\n', '- kind: A\n', '- kind: B\n', 'kind: List\n'],
    },
    { name: 'a List with indented items', parts: [yamlHeader, '  - a: 1\n', '  -\n    b: 2\n', 'metadata: {}\n'] },
    {
      name: 'a List with comments',
      parts: [
        '---\n# c\n\napiVersion: v1 \nkind: List\nmetadata:\n  a: b\nitems: # d\n\n',
        '- a: 1\n# e\n\n',
        '- b: 2\n',
        '...\n',
      ],
    },
    {
      name: 'a List with Windows line ends',
      parts: ['apiVersion: v1\r\nkind: List\r\nmetadata: {}\r\nitems:\r\n', '- a: 1\r\n', '- b: 2\r\n', ''],
    },
    { name: 'a JSON List', parts: [jsonHeader, '{"a":1}', ',{"b":[{}]}', ']}\n'] },
    {
      name: 'a JSON List with white space',
      parts: [
        '---\n{ "kind" : "PodList",\n"apiVersion": "v1", "metadata": {}, "items" : [\n',
        '{"a":1}',
        ' ,\n {"b":2}',
        '\n ] }\n',
      ],
    },
    {
      name: 'a JSON List with its kind at the end',
      parts: ['{"apiVersion":"v1","items":[', '{"kind":"A"}', ',{"kind":"B"}', '],"kind":"List"}'],
    },
  ])('the items of $name', async ({ parts }) => {
    expect(await documentsOf(`${parts.join('')}---\nz: 1\n`)).toEqual([
      parts.filter((part, index) => part !== '' || index === parts.length - 1),
      ['---\nz: 1\n'],
    ]);
  });

  test('the items of a List without a final line end', async () => {
    expect(await documentsOf(`${yamlHeader}- a: 1\n-`)).toEqual([[yamlHeader, '- a: 1\n', '-', '']]);
  });

  test.for([
    { name: 'a header that is not valid JSON', stream: '{"apiVersion":"v1\n","items":[{"a":1}]}\n' },
    { name: 'a header that cannot be read', stream: '# \x07\napiVersion: v1\nkind: List\nitems:\n- a: 1\n- b: 2\n' },
    { name: 'a truncated first item', stream: `${jsonHeader}{"a":` },
  ])('no items from a list with $name', async ({ stream }) => {
    expect(await documentsOf(stream)).toEqual([[stream]]);
  });

  test('strings with escapes equally for any chunks', async () => {
    const stream = `${jsonHeader}{"a":"}\\"]\\\\"},{"b":"${LONG}"}]}`;
    const start = stream.indexOf('}');
    for (let cut = start; cut < start + 8; cut += 1) {
      for (const cuts of [[cut], [cut + 70_000, cut]])
        expect(await documentsOf(stream, cuts)).toEqual(await documentsOf(stream));
    }
    const long = `{"${'x'.repeat(70_000)}\\"}":1}{}`;
    for (let cut = 69_998; cut < 70_008; cut += 1) {
      expect(await documentsOf(long, [cut])).toEqual([[long.slice(0, -2)], ['{}']]);
    }
  });

  test('lines that span several chunks', async () => {
    const line = `a: ${'x'.repeat(300_000)}`;
    for (const stream of [`${line}\n---\nb: 1\n`, line]) {
      const documents = stream.split(/^(?=---)/m).map((text) => [text]);
      expect(await documentsOf(stream, [70_000, 150_000, 150_000, 200_000])).toEqual(documents);
    }
  });

  test('counts documents and lines', async () => {
    const item = '- {apiVersion: v1, kind: Pod}\n';
    const { parts } = await reviewText(`a: 1\n---\n${yamlHeader}${item}${item}---\n{}{}\nx\n`);
    expect(
      parts.map(({ document, problems, objects, lineOf }) => [
        document,
        ...problems.map(({ line }) => line),
        ...objects.map(lineOf),
      ]),
    ).toEqual([[1, 1], [2], [2, 6], [2, 7], [2], [3, 9], [4, 9], [5, 10]]);
    expect(parts[1]?.lineOf({ path: [] })).toBe(2);
  });

  test.for(['\n', ' ', '\r\n', '# c\n \n'])('reads %j 10,000 times before a document in linear time', async (part) => {
    // Takes milliseconds; in quadratic time, hours.
    const stream = `---\n${part.repeat(10_000)}a: 1\n`;
    expect(await documentsOf(stream)).toEqual([[stream]]);
  });

  test.for(['    a: b\n', '  \n', '  # c\n'])(
    'reads %j 10,000 times in metadata of a Pod in linear time',
    async (part) => {
      // Takes milliseconds; in quadratic time, hours.
      const stream = `apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    x: z\n${part.repeat(10_000)}spec: {}\n`;
      expect(await documentsOf(stream)).toEqual([[stream]]);
    },
  );

  test('reads no further ahead than necessary', async () => {
    const stream = `#${LONG}\n{"a":1}{"b":2}\n`;
    expect(await documentsOf(stream)).toEqual(await documentsOf(stream, [70_000]));
  });

  test('loses no byte, and splits equally for any chunks', async () => {
    const short = fc.constantFrom(
      ...['---', '...', '\n', '\r\n', '{', '}', '[', ']', ',', '"', '\\', 'a: 1', '#', ' ', '%', '- ', '\uFEFF', 'é'],
      ...['apiVersion: v1\n', 'items:\n', 'kind: List\n', jsonHeader, '{"a":1}', '&a', '*a'],
    );
    const long = fc.constantFrom(`#${LONG}\n`, `{"a":"${LONG}"}`, `,{"b":"${LONG}"}`);
    const text = fc.oneof({ weight: 30, arbitrary: short }, { weight: 1, arbitrary: long });
    const stream = fc.array(text, { maxLength: 40 }).map((texts) => texts.join(''));
    await fc.assert(
      fc.asyncProperty(
        stream,
        fc.array(fc.oneof(fc.nat(120), fc.nat(100_000)), { maxLength: 8 }),
        async (stream, cuts) => {
          expect((await reviewText(stream, { cuts })).text).toBe(stream);
          expect(await documentsOf(stream, cuts)).toEqual(await documentsOf(stream));
        },
      ),
      { numRuns: runs(70) },
    );
  });
});
