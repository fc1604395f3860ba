import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mismatchesOf } from '../../src/doctor/mismatches.ts';
import { attemptsOf } from '../../src/installation/attempts.ts';
import type { WebhookEntry } from '../../src/installation/configuration.ts';
import { DIRECTIONS } from '../../src/installation/direction.ts';
import { reverseOfEntry } from '../../src/installation/installation.ts';
import { entryFor, madeConfiguration } from '../support/chart-configuration.ts';

/** The golden files with a webhook configuration; there is none with `engine: policy`. */
const GOLDEN = readdirSync(new URL('../chart/golden', import.meta.url))
  .filter((file) => file.endsWith('.golden.yaml'))
  .map((file) => file.replace('.golden.yaml', ''))
  .filter((golden) => madeConfiguration(golden) !== undefined);

const STANDARD = entryFor('standard');
const [RULE = never()] = STANDARD.rules ?? [];
const [HAS = never(), LACKS = never(), IGNORED = never()] = STANDARD.objectSelector.matchExpressions ?? [];

function never(): never {
  throw new Error('The chart has no rule or no selector');
}

describe('mismatchesOf()', () => {
  test('is tested with at least one golden file', () => {
    expect(GOLDEN).toEqual(expect.arrayContaining(['default', 'narrow', 'provided', 'update', 'url']));
  });

  test.for(GOLDEN)("finds none in the chart's webhook configuration: %s", (golden) => {
    for (const direction of DIRECTIONS) {
      const attempts = attemptsOf(madeConfiguration(golden), direction);
      expect(attempts.length).toBeGreaterThan(0);
      const on = attempts.filter((entry) => direction === 'standard' || reverseOfEntry(entry) !== 'off');
      expect(on.flatMap((entry) => mismatchesOf(entry, direction))).toEqual([]);
    }
  });

  const selector = 'its objectSelector also matches';

  test.for<readonly [change: Partial<WebhookEntry>, field: string, text: string]>([
    [
      { objectSelector: {} },
      'objectSelector',
      `${selector} objects with neither label, objects with both labels, opted-out objects`,
    ],
    [
      { objectSelector: { matchExpressions: [HAS, IGNORED] } },
      'objectSelector',
      `${selector} objects with both labels`,
    ],
    [{ objectSelector: { matchExpressions: [HAS, LACKS] } }, 'objectSelector', `${selector} opted-out objects`],
    [
      { objectSelector: { matchExpressions: [LACKS, IGNORED] } },
      'objectSelector',
      `${selector} objects with neither label`,
    ],
    [
      { objectSelector: { matchLabels: { a: 'b' }, matchExpressions: [HAS, LACKS, IGNORED] } },
      'objectSelector',
      'its objectSelector excludes objects without the label',
    ],
    [
      { rules: [{ ...RULE, resources: ['pods'] }] },
      'rules',
      'its rules do not cover CREATE of ServiceAccounts, Services',
    ],
  ])('finds a mismatch in %j: %s: %s', ([change, field, text]) => {
    expect(mismatchesOf({ ...STANDARD, ...change }, 'standard')).toEqual([{ field, text }]);
  });

  test('accepts wider rules, and another order', () => {
    const rules = [{ ...RULE, apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }];
    const objectSelector = { matchExpressions: [IGNORED, LACKS, HAS] };
    expect(mismatchesOf({ ...STANDARD, rules, objectSelector }, 'standard')).toEqual([]);
  });

  test('finds missing rules', () => {
    const { rules: _, ...without } = STANDARD;
    expect(mismatchesOf(without, 'standard')).toMatchObject([{ field: 'rules' }]);
  });
});

test('reverseOfEntry() reads rule.reverse from the entry for the owner label', () => {
  const owner = entryFor('owner');
  const { rules: _, ...off } = owner;
  const managed = {
    ...owner,
    objectSelector: { matchExpressions: [{ key: 'app.kubernetes.io/managed-by', operator: 'In', values: ['a'] }] },
  };
  expect([owner, managed, off, { ...owner, objectSelector: {} }].map(reverseOfEntry)).toEqual([
    'both',
    'managed',
    'off',
    'both',
  ]);
});
