import { describe, expect, test } from 'vitest';
import type { Label } from '../../src/admission/gateway.ts';
import { sameButForLabels } from '../../src/manifests/yaml-comparison.ts';
import { childOf, parseYaml } from '../../src/manifests/yaml-document.ts';
import { readYaml } from '../../src/manifests/yaml-reading.ts';

const LABEL: Label = { key: 'k', value: 'v' };

function compare(before: string, after: string): boolean {
  const [a, b] = [parseYaml(before), parseYaml(after)];
  if ('problem' in a || 'problem' in b) throw new Error('unreadable');
  return sameButForLabels(a.contents, b.contents, new Map([[childOf(a, a.contents, 'labels'), LABEL]]));
}

const BEFORE = 'x: [&a 1, *a, {b: , c}]\nlabels:\n  a: b\n';

describe('sameButForLabels()', () => {
  test.for([
    { name: 'a line at the end', after: `${BEFORE}  k: "v"\n` },
    { name: 'a line at the start', after: BEFORE.replace('  a: b', '  k: "v"\n  a: b') },
    { name: 'comments and white space', after: `# c\n${BEFORE}\n  "k" : "v"  # d\n` },
  ])('accepts $name', ({ after }) => {
    expect(compare(BEFORE, after)).toBe(true);
  });

  test.for([
    { name: 'nothing added', after: BEFORE },
    { name: 'another value', after: `${BEFORE}  k: "w"\n` },
    { name: 'another key', after: `${BEFORE}  j: "v"\n` },
    { name: 'a value that is not quoted', after: `${BEFORE}  k: v\n` },
    { name: 'a value that is not a scalar', after: `${BEFORE}  k: [v]\n` },
    { name: 'a key that is not a scalar', after: `${BEFORE}  ? [k]\n  : "v"\n` },
    { name: 'the label and another one', after: `${BEFORE}  k: "v"\n  l: "v"\n` },
    { name: 'the label elsewhere', after: `${BEFORE.replace('b: ,', 'k: "v",')}` },
    { name: 'a missing key', after: 'labels:\n  a: b\n  k: "v"\n' },
    { name: 'another scalar', after: `${BEFORE}  k: "v"\n`.replace('&a 1', '&a 2') },
    { name: 'another style of scalar', after: `${BEFORE}  k: "v"\n`.replace('&a 1', '&a "1"') },
    { name: 'another anchor', after: `${BEFORE}  k: "v"\n`.replace('[&a 1, *a', '[&b 1, *b') },
    { name: 'a missing alias', after: `${BEFORE}  k: "v"\n`.replace('*a', '1') },
    { name: 'a tag', after: `${BEFORE}  k: "v"\n`.replace('{b', '!x {b') },
    { name: 'a mapping for a list', after: `${BEFORE}  k: "v"\n`.replace('[&a 1, *a, {b: , c}]', '{a: b}') },
    { name: 'a list for a mapping', after: `${BEFORE}  k: "v"\n`.replace('{b: , c}', '[b, c]') },
    { name: 'another order', after: 'labels:\n  a: b\n  k: "v"\nx: [&a 1, *a, {b: , c}]\n' },
    { name: 'an empty document', after: '' },
  ])('rejects $name', ({ after }) => {
    expect(compare(BEFORE, after)).toBe(false);
  });

  test('compares with the document that was read', () => {
    const reading = readYaml(BEFORE);
    expect('becomes' in reading && reading.becomes('a: [', [])).toBe(false);
    expect('becomes' in reading && reading.becomes(BEFORE, [])).toBe(true);
  });

  test('accepts two empty documents, but not only one', () => {
    expect(sameButForLabels(null, null, new Map())).toBe(true);
    expect(compare('', BEFORE)).toBe(false);
  });
});
