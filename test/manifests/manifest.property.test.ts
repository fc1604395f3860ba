import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { mutate } from '../../src/admission/mutate.ts';
import { reviewDocument } from '../../src/manifests/manifest.ts';
import { objects, reverse } from '../support/arbitraries.ts';

/** The ways in which people and tools write an object. */
const WRITERS: Readonly<Record<string, (object: object) => string>> = {
  yaml: (object) => stringify(object),
  'flow yaml': (object) => stringify(object, { collectionStyle: 'flow', indentSeq: false }),
  'quoted yaml': (object) =>
    stringify(object, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_SINGLE', indent: 4 }),
  json: (object) => JSON.stringify(object),
  'indented json': (object) => JSON.stringify(object, null, '\t'),
};

describe.for(Object.entries(WRITERS))('labelled() of an object as %s', ([, write]) => {
  test('is the object as the webhook leaves it', () => {
    fc.assert(
      fc.property(objects, reverse, (object, direction) => {
        const text = write(object);
        const result = reviewDocument({ text, number: 1, line: 1 }, direction);
        const { patch } = mutate({ uid: 'u', object }, direction);
        const [operation] = patch === undefined ? [] : JSON.parse(Buffer.from(patch, 'base64').toString());
        const key = operation?.path.slice('/metadata/labels/'.length).replaceAll('~1', '/');
        const expected = parse(text);
        if (operation) expected.metadata.labels[key] = operation.value;
        expect('problem' in result ? result.problem : parse(result.labelled())).toEqual(expected);
      }),
    );
  });
});
