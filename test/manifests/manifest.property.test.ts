import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Reverse } from '../../src/admission/gateway.ts';
import { mutate } from '../../src/admission/mutate.ts';
import { objects, reverse } from '../support/arbitraries.ts';
import { reviewText } from '../support/reviewed-text.ts';
import { runs } from '../support/runs.ts';

/** Notations in which people and tools write an object. */
const WRITERS: Readonly<Record<string, (object: object) => string>> = {
  yaml: (object) => stringify(object, { compat: 'yaml-1.1' }),
  'flow yaml': (object) => stringify(object, { compat: 'yaml-1.1', collectionStyle: 'flow', indentSeq: false }),
  'quoted yaml': (object) =>
    stringify(object, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_SINGLE', indent: 4 }),
  json: (object) => JSON.stringify(object),
  'indented json': (object) => JSON.stringify(object, null, '\t'),
};

/** The start of a stream, so that lists are read as a whole or item by item. */
const LISTS: Readonly<Record<string, (items: readonly object[]) => string>> = {
  'a List': (items) =>
    stringify({ apiVersion: 'v1', kind: 'List', items }, { compat: 'yaml-1.1', aliasDuplicateObjects: false }),
  'a List that is read as a whole': (items) =>
    stringify({ x: 'y', apiVersion: 'v1', kind: 'List', items }, { compat: 'yaml-1.1', aliasDuplicateObjects: false }),
  'a List of JSON': (items) => JSON.stringify({ apiVersion: 'v1', items, kind: 'List' }),
  'a List of JSON that is read as a whole': (items) =>
    JSON.stringify({ x: 'y', apiVersion: 'v1', items, kind: 'List' }),
};

/** Without strings that the writer does not quote and kubectl reads as numbers: those with an underscore in an exponent, such as `0E_0`. */
const writable = objects.filter((object) => !/"[-+]?\d[\d._]*[eE][-+\d]*_[\d_]*"/.test(JSON.stringify(object)));

/** The expected object, as the webhook leaves it. */
function mutated(object: object, direction: Reverse, read: Readable) {
  const { patch } = mutate({ uid: 'u', object }, direction);
  const [operation] = patch === undefined ? [] : JSON.parse(Buffer.from(patch, 'base64').toString());
  const key = operation?.path.slice('/metadata/labels/'.length).replaceAll('~1', '/');
  if (operation) read.metadata.labels[key] = operation.value;
  return read;
}

interface Readable {
  readonly metadata: { readonly labels: Record<string, string> };
}

describe.for(Object.entries(WRITERS))('label() of an object in the form %s', ([, write]) => {
  test('returns the object as the webhook leaves it', async () => {
    await fc.assert(
      fc.asyncProperty(writable, reverse, async (object, direction) => {
        const { text, problems, obstacles } = await reviewText(write(object), { reverse: direction });
        expect([...problems, ...obstacles]).toEqual([]);
        expect(parse(text)).toEqual(mutated(object, direction, parse(write(object))));
      }),
      { numRuns: runs(40) },
    );
  });
});

describe.for(Object.entries(LISTS))('label() of %s', ([, write]) => {
  test('returns a list of the objects as the webhook leaves them, for any chunks', async () => {
    const cuts = fc.array(fc.nat(2_000), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(writable, { maxLength: 5 }), reverse, cuts, async (items, direction, cuts) => {
        const { text, problems, obstacles } = await reviewText(write(items), { reverse: direction, cuts });
        expect([...problems, ...obstacles]).toEqual([]);
        const read = parse(write(items)).items;
        expect(parse(text).items).toEqual(items.map((object, index) => mutated(object, direction, read[index])));
      }),
      { numRuns: runs(40) },
    );
  });
});
