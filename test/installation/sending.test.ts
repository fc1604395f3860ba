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
    { name: 'with one rule of several', entry: { rules: [{ ...RULE, resources: ['nodes'] }, RULE] } },
    {
      name: 'with rules for everything',
      entry: { rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], scope: '*' }] },
    },
    { name: 'with a rule for all subresources, too', entry: { rules: [{ ...RULE, resources: ['*/*'] }] } },
    { name: 'with a rule for all subresources of Pods', entry: { rules: [{ ...RULE, resources: ['pods/*'] }] } },
    { name: 'without a scope', entry: { rules: [{ ...RULE, scope: undefined } as unknown as typeof RULE] } },
    {
      name: 'with both selectors',
      entry: { namespaceSelector: { matchLabels: { team: 'x' } }, objectSelector: { matchLabels: { a: 'b' } } },
    },
    { name: 'with an unknown namespace and no selector for it', entry: {}, creation: { namespaceLabels: undefined } },
    {
      name: 'with an empty namespace selector',
      entry: { namespaceSelector: {} },
      creation: { namespaceLabels: undefined },
    },
  ])('returns that a Pod is sent $name', ({ entry, creation }) => {
    expect(sendingOf({ ...ENTRY, ...entry }, { ...POD, ...creation })).toEqual({ sent: 'yes', because: [] });
  });

  test.for<{ name: string; entry: Partial<Sender>; because: readonly string[] }>([
    { name: 'because of another operation', entry: { rules: [{ ...RULE, operations: ['UPDATE'] }] }, because: [RULES] },
    { name: 'because of another group', entry: { rules: [{ ...RULE, apiGroups: ['apps'] }] }, because: [RULES] },
    { name: 'because of another version', entry: { rules: [{ ...RULE, apiVersions: ['v2'] }] }, because: [RULES] },
    { name: 'because of another resource', entry: { rules: [{ ...RULE, resources: ['services'] }] }, because: [RULES] },
    { name: 'because of a subresource', entry: { rules: [{ ...RULE, resources: ['pods/status'] }] }, because: [RULES] },
    { name: 'because of the scope', entry: { rules: [{ ...RULE, scope: 'Cluster' }] }, because: [RULES] },
    { name: 'because there are no rules', entry: { rules: undefined } as unknown as Sender, because: [RULES] },
    { name: 'because of the namespace', entry: NARROWED, because: [NAMESPACE] },
    { name: 'because of its labels', entry: { objectSelector: { matchLabels: { a: 'c' } } }, because: [OBJECT] },
    {
      name: 'for every reason',
      entry: { rules: [], ...NARROWED, objectSelector: { matchLabels: { a: 'c' } }, matchConditions: [{ name: 'x' }] },
      because: [RULES, NAMESPACE, OBJECT],
    },
  ])('returns that a Pod is not sent $name', ({ entry, because }) => {
    expect(sendingOf({ ...ENTRY, ...entry }, POD)).toEqual({ sent: 'no', because });
  });

  test('returns that it is unknown with conditions, or for an unknown namespace', () => {
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
