import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { documentWriter, formatDocument, type StructuredForm } from '../../../src/commands/output/structured-output.ts';
import { runs } from '../../support/runs.ts';

const READERS: Readonly<Record<StructuredForm, (text: string) => unknown>> = {
  json: JSON.parse,
  // kubectl and other clients parse YAML 1.1.
  yaml: (text) => parse(text, { version: '1.1' }),
};

const FORMS = ['json', 'yaml'] as const;

function written(form: StructuredForm, document: object): string {
  const writer = documentWriter(form);
  const parts = Object.entries(document).flatMap(([key, value]) =>
    Array.isArray(value) ? [writer.list(key), ...value.map(writer.add)] : [writer.field(key, value)],
  );
  return [...parts, writer.end()].join('');
}

describe('documentWriter()', () => {
  const document = {
    objects: [
      { kind: 'Pod', name: 'no', labels: { a: 'b' } },
      { kind: 'Service', owner: undefined },
    ],
    wakes: [],
    summary: { added: 3, since: '2026-11-23' },
    dryRun: true,
    problems: [],
  };

  test('writes JSON with one item per line', () => {
    expect(written('json', document)).toBe(`{
  "objects": [
    {"kind":"Pod","name":"no","labels":{"a":"b"}},
    {"kind":"Service"}
  ],
  "wakes": [],
  "summary": {"added":3,"since":"2026-11-23"},
  "dryRun": true,
  "problems": []
}
`);
  });

  test('writes YAML', () => {
    expect(written('yaml', document)).toBe(`objects:
- kind: Pod
  name: "no"
  labels:
    a: b
- kind: Service
wakes: []
summary:
  added: 3
  since: "2026-11-23"
dryRun: true
problems: []
`);
  });

  test.for(FORMS)('writes nothing in %s that parsers read differently', (form) => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('1:30', 'on', '~', '012', '1_0', 'a\n\nb\n'),
    );
    const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.dictionary(text, text));
    const item = fc.dictionary(fc.stringMatching(/^[a-z]+$/), value, { minKeys: 1 });
    const documents = fc.record({ first: fc.array(item), field: value, second: fc.array(item), last: value });
    fc.assert(
      fc.property(documents, (given) => {
        expect(JSON.stringify(READERS[form](written(form, given)))).toBe(JSON.stringify(given));
      }),
      { numRuns: runs(40) },
    );
  });
});

test.for(FORMS)('formatDocument() writes a whole document as %s', (form) => {
  const shared = { a: 'b' };
  const document = { first: shared, second: shared, text: 'long '.repeat(50).trim(), absent: undefined };
  const text = formatDocument(form, document);
  expect(READERS[form](text)).toStrictEqual(JSON.parse(JSON.stringify(document)));
  expect(text.endsWith('\n')).toBe(true);
  // A long string is not folded, so that it can be found in the output.
  expect(text).toContain(document.text);
});
