import { describe, expect, test } from 'vitest';
import { type Creation, type Sender, sendingOf } from '../../src/installation/sending.ts';

const RULE = {
  operations: ['CREATE'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['pods', 'services'],
  scope: 'Namespaced',
};
const ENTRY: Sender = { name: 'a', rules: [RULE] };
const POD: Creation = { kind: 'Pod', namespace: 'shop', labels: { a: 'b' }, namespaceLabels: { team: 'x' } };
const NARROWED = { namespaceSelector: { matchLabels: { team: 'y' } } };

const RULES = 'its rules do not cover CREATE of pods';
const NAMESPACE = 'its namespaceSelector excludes shop';
const OBJECT = 'its objectSelector excludes the object';

describe('sendingOf()', () => {
  test.for<{ name: string; entry: Partial<Sender>; creation?: Partial<Creation> }>([
    { name: 'without selectors', entry: {} },
    { name: 'by one rule of several', entry: { rules: [{ ...RULE, resources: ['nodes'] }, RULE] } },
    {
      name: 'by rules for all',
      entry: { rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], scope: '*' }] },
    },
    { name: 'by a rule for all subresources as well', entry: { rules: [{ ...RULE, resources: ['*/*'] }] } },
    { name: 'by a rule for all of its own', entry: { rules: [{ ...RULE, resources: ['pods/*'] }] } },
    { name: 'without a scope', entry: { rules: [{ ...RULE, scope: undefined } as unknown as typeof RULE] } },
    {
      name: 'by both selectors',
      entry: { namespaceSelector: { matchLabels: { team: 'x' } }, objectSelector: { matchLabels: { a: 'b' } } },
    },
    { name: 'though nothing is known of its namespace', entry: {}, creation: { namespaceLabels: undefined } },
    {
      name: 'by a selector of namespaces without requirements',
      entry: { namespaceSelector: {} },
      creation: { namespaceLabels: undefined },
    },
  ])('sends a Pod $name', ({ entry, creation }) => {
    expect(sendingOf({ ...ENTRY, ...entry }, { ...POD, ...creation })).toEqual({ sent: 'yes', because: [] });
  });

  test.for<{ name: string; entry: Partial<Sender>; because: readonly string[] }>([
    { name: 'of another operation', entry: { rules: [{ ...RULE, operations: ['UPDATE'] }] }, because: [RULES] },
    { name: 'of another group', entry: { rules: [{ ...RULE, apiGroups: ['apps'] }] }, because: [RULES] },
    { name: 'of another version', entry: { rules: [{ ...RULE, apiVersions: ['v2'] }] }, because: [RULES] },
    { name: 'of another resource', entry: { rules: [{ ...RULE, resources: ['services'] }] }, because: [RULES] },
    { name: 'of a subresource', entry: { rules: [{ ...RULE, resources: ['pods/status'] }] }, because: [RULES] },
    { name: 'of what has no namespace', entry: { rules: [{ ...RULE, scope: 'Cluster' }] }, because: [RULES] },
    { name: 'without rules', entry: { rules: undefined } as unknown as Sender, because: [RULES] },
    { name: 'of another namespace', entry: NARROWED, because: [NAMESPACE] },
    { name: 'with other labels', entry: { objectSelector: { matchLabels: { a: 'c' } } }, because: [OBJECT] },
    {
      name: 'for every reason',
      entry: { rules: [], ...NARROWED, objectSelector: { matchLabels: { a: 'c' } }, matchConditions: [{ name: 'x' }] },
      because: [RULES, NAMESPACE, OBJECT],
    },
  ])('leaves out a Pod $name', ({ entry, because }) => {
    expect(sendingOf({ ...ENTRY, ...entry }, POD)).toEqual({ sent: 'no', because });
  });

  test('does not know where conditions decide, or a namespace of which nothing is known', () => {
    const conditions = [{ name: 'x' }, { name: 'y' }];
    expect(sendingOf({ ...ENTRY, matchConditions: conditions }, POD)).toEqual({
      sent: 'unknown',
      because: ['depends on its matchConditions (x, y)'],
    });
    expect(sendingOf({ ...ENTRY, ...NARROWED }, { ...POD, namespaceLabels: undefined })).toEqual({
      sent: 'unknown',
      because: ['depends on its namespaceSelector'],
    });
  });
});
