import { expect, test } from 'vitest';
import { buildListDocument } from '../../../src/commands/output/list-document.ts';

test('buildListDocument() starts with the first item, and omits undefined fields', () => {
  const document = buildListDocument('json', 'objects');
  expect(document.add({ name: 'a' })).toBe('{\n  "objects": [\n    {"name":"a"}');
  expect(document.add({ name: 'b' })).toBe(',\n    {"name":"b"}');
  expect(document.end({ some: 1, none: undefined, nothing: null })).toBe(
    '\n  ],\n  "some": 1,\n  "nothing": null\n}\n',
  );
});

test('buildListDocument() without items has an empty list', () => {
  expect(buildListDocument('json', 'objects').end({})).toBe('{\n  "objects": []\n}\n');
  expect(buildListDocument('yaml', 'objects').end({ some: 1 })).toBe('objects: []\nsome: 1\n');
});
