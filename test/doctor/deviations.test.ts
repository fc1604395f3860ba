import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deviationsOf } from '../../src/doctor/deviations.ts';
import { attemptsOf } from '../../src/installation/attempts.ts';
import type { WebhookEntry } from '../../src/installation/configuration.ts';
import { DIRECTIONS, type Direction } from '../../src/installation/direction.ts';
import { reverseOfEntry } from '../../src/installation/installation.ts';
import { entryFor, madeConfiguration } from '../support/chart-configuration.ts';

/** Those of the chart's golden files that have a configuration: with the engine `policy` alone there is none. */
const GOLDEN = readdirSync(new URL('../chart/golden', import.meta.url))
  .filter((file) => file.endsWith('.golden.yaml'))
  .map((file) => file.replace('.golden.yaml', ''))
  .filter((golden) => madeConfiguration(golden) !== undefined);

function made(direction: Direction, golden?: string): WebhookEntry {
  return entryFor(direction, madeConfiguration(golden));
}

const [RULE = never()] = made('standard').rules ?? [];
const [FIRST = never(), ...OTHERS] = made('standard').objectSelector.matchExpressions ?? [];

function never(): never {
  throw new Error('The chart makes a rule and a selector');
}

describe('deviationsOf()', () => {
  test('is tried with what the chart makes', () => {
    expect(GOLDEN).toEqual(expect.arrayContaining(['default', 'narrow', 'provided', 'update', 'url']));
  });

  test.for(GOLDEN)('finds none in what the chart makes: %s', (golden) => {
    for (const direction of DIRECTIONS) {
      const attempts = attemptsOf(madeConfiguration(golden), direction);
      expect(attempts.length).toBeGreaterThan(0);
      expect(attempts.flatMap((entry) => deviationsOf(entry, direction))).toEqual([]);
    }
  });

  test('finds none where the owner direction is off, or another order is stored', () => {
    const { rules: _, ...off } = made('owner');
    expect(deviationsOf(off, 'owner')).toEqual([]);
    const matchExpressions = [...OTHERS, FIRST];
    const rules = [{ ...RULE, resources: [...RULE.resources].reverse() }];
    expect(deviationsOf({ ...made('standard'), objectSelector: { matchExpressions }, rules }, 'standard')).toEqual([]);
  });

  test.for<readonly [field: string, isHarmful: boolean, change: Partial<WebhookEntry>]>([
    ['objectSelector', true, { objectSelector: {} }],
    ['objectSelector', true, { objectSelector: { matchExpressions: OTHERS } }],
    ['objectSelector', true, { objectSelector: { matchLabels: { a: 'b' }, matchExpressions: [FIRST, ...OTHERS] } }],
    ['rules', true, { rules: [] }],
    ['rules', true, { rules: [{ ...RULE, resources: ['pods', 'services'] }] }],
    ['rules', true, { rules: [{ ...RULE, operations: ['DELETE'] }] }],
    ['rules', true, { rules: [{ ...RULE, apiGroups: ['apps'] }] }],
    ['rules', true, { rules: [{ ...RULE, apiVersions: ['v2'] }] }],
    ['rules', true, { rules: [{ ...RULE, scope: 'Cluster' }] }],
    ['rules', false, { rules: [{ ...RULE, scope: '*' }] }],
    [
      'rules',
      false,
      { rules: [{ ...RULE, apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }] },
    ],
    ['rules', false, { rules: [{ ...RULE, operations: ['CREATE', 'DELETE'] }] }],
    ['rules', false, { rules: [RULE, RULE] }],
    ['matchConditions', true, { matchConditions: [{ name: 'never', expression: 'false' }] }],
    ['matchConditions', true, { rules: [{ ...RULE, operations: ['CREATE', 'UPDATE'] }] }],
    ['clientConfig', true, { clientConfig: { service: { namespace: 'a', name: 'b', port: 443, path: '/other' } } }],
    ['clientConfig', true, { clientConfig: { service: { namespace: 'a', name: 'b', port: 443 } } }],
    ['clientConfig', true, { clientConfig: { url: 'https://webhook.example.com/' } }],
    ['admissionReviewVersions', true, { admissionReviewVersions: ['v1beta1', 'v1'] }],
    ['admissionReviewVersions', false, { admissionReviewVersions: ['v1', 'v1beta1'] }],
    ['timeoutSeconds', false, { timeoutSeconds: 11 }],
    ['matchPolicy', false, { matchPolicy: 'Exact' }],
    ['reinvocationPolicy', false, { reinvocationPolicy: 'IfNeeded' }],
    ['sideEffects', false, { sideEffects: 'NoneOnDryRun' }],
  ])('finds %s, harmful: %s, in %j', ([field, isHarmful, change]) => {
    expect(deviationsOf({ ...made('standard'), ...change }, 'standard')).toMatchObject([{ field, isHarmful }]);
  });

  test.for<Partial<WebhookEntry>>([
    { timeoutSeconds: 10 },
    { failurePolicy: 'Fail' },
    { namespaceSelector: { matchLabels: { a: 'b' } } },
    { clientConfig: { url: 'https://webhook.example.com:30443/mutate' } },
  ])('takes what a user may choose for as good: %j', (change) => {
    expect(deviationsOf({ ...made('standard'), ...change }, 'standard')).toEqual([]);
  });

  test('says what is expected', () => {
    const [{ found, expected } = never()] = deviationsOf({ ...made('owner'), matchPolicy: 'Exact' }, 'owner');
    expect([found, expected]).toEqual(['Exact', 'Equivalent']);
    const [conditions = never()] = deviationsOf({ ...made('owner', 'update'), matchConditions: [] }, 'owner');
    expect(conditions.expected).toContain("'gateway.networking.k8s.io/gateway-name' in object.metadata.labels && !(");
  });
});

test('reverseOfEntry() reads rule.reverse out of the entry for the owner label', () => {
  const { rules: _, ...off } = made('owner');
  const managed = {
    ...made('owner'),
    objectSelector: { matchExpressions: [{ key: 'app.kubernetes.io/managed-by', operator: 'In', values: ['a'] }] },
  };
  expect([made('owner'), managed, off, { ...made('owner'), objectSelector: {} }].map(reverseOfEntry)).toEqual([
    'both',
    'managed',
    'off',
    'both',
  ]);
});
