import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asksFor, isSelected, type LabelSelector, type Labels } from '../../src/objects/label-selector.ts';

const KEYS = ['a', 'b', 'constructor', 'toString'];
const VALUES = ['', 'x', 'y'];

describe('isSelected()', () => {
  test.for([
    { selector: {}, labels: {}, is: true },
    { selector: {}, labels: { a: 'x' }, is: true },
    { selector: { matchLabels: {}, matchExpressions: [] }, labels: { a: 'x' }, is: true },
    { selector: { matchLabels: { a: 'x' } }, labels: { a: 'x', b: 'y' }, is: true },
    { selector: { matchLabels: { a: 'x' } }, labels: { a: 'y' }, is: false },
    { selector: { matchLabels: { a: 'x' } }, labels: {}, is: false },
    { selector: { matchLabels: { a: 'x', b: 'y' } }, labels: { a: 'x' }, is: false },
    { selector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] }, labels: { a: '' }, is: true },
    { selector: { matchExpressions: [{ key: 'toString', operator: 'Exists' }] }, labels: {}, is: false },
    { selector: { matchExpressions: [{ key: 'a', operator: 'In' }] }, labels: { a: 'x' }, is: false },
    { selector: { matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['x'] }] }, labels: {}, is: true },
  ] satisfies { selector: LabelSelector; labels: Labels; is: boolean }[])(
    'returns $is for $selector and $labels',
    ({ selector, labels, is }) => {
      expect(isSelected(selector, labels)).toBe(is);
    },
  );

  test('follows the Kubernetes documentation: each key has a value that all its requirements allow', () => {
    const requirement = fc.record({
      key: fc.constantFrom(...KEYS),
      operator: fc.constantFrom('Exists', 'DoesNotExist', 'In', 'NotIn'),
      values: fc.subarray(VALUES, { minLength: 1 }),
    });
    const labels = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES));
    let [yes, no] = [0, 0];
    fc.assert(
      fc.property(labels, fc.array(requirement, { maxLength: 3 }), labels, (matchLabels, matchExpressions, of) => {
        const is = isSelected({ matchLabels, matchExpressions }, of);
        expect(is).toBe(
          KEYS.every((key) =>
            allowed(key, { matchLabels, matchExpressions }).has(Object.hasOwn(of, key) ? String(of[key]) : 'none'),
          ),
        );
        if (is) yes += 1;
        else no += 1;
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(yes, no)).toBeGreaterThan(100);
  });

  test('rejects an unknown operator, because a wrong guess could block a drain', () => {
    const selector = { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] };
    expect(() => isSelected(selector, {})).toThrow('Unknown label selector operator "Gt"');
  });
});

describe('asksFor()', () => {
  test.for([
    { selector: {}, is: false },
    { selector: { matchLabels: { b: 'a' } }, is: false },
    { selector: { matchLabels: { a: 'x' } }, is: true },
    { selector: { matchExpressions: [{ key: 'b', operator: 'In', values: ['a'] }] }, is: false },
    {
      selector: {
        matchExpressions: [
          { key: 'b', operator: 'Exists' },
          { key: 'a', operator: 'DoesNotExist' },
        ],
      },
      is: true,
    },
  ] satisfies { selector: LabelSelector; is: boolean }[])(
    'returns $is for the label a in $selector',
    ({ selector, is }) => {
      expect(asksFor(selector, 'a')).toBe(is);
    },
  );
});

/** The values of a label, including `none`, that a selector's requirements for its key allow. */
function allowed(key: string, { matchLabels = {}, matchExpressions = [] }: LabelSelector): ReadonlySet<string> {
  const all = new Set(['none', ...VALUES]);
  const each = matchExpressions
    .filter((requirement) => requirement.key === key)
    .map(({ operator, values = [] }) => {
      const states: Record<string, Iterable<string>> = {
        Exists: VALUES,
        DoesNotExist: ['none'],
        In: values,
        NotIn: all.difference(new Set(values)),
      };
      return new Set(states[operator]);
    });
  const matched = Object.entries(matchLabels).filter(([label]) => label === key);
  return [...each, ...matched.map(([, value]) => new Set([value]))].reduce(
    (left, states) => left.intersection(states),
    all,
  );
}
