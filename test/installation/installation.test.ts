import { describe, expect, test } from 'vitest';
import { type Installation, reverseOf } from '../../src/installation/installation.ts';
import { chartConfiguration, entryFor, twiceConfiguration } from '../support/chart-configuration.ts';
import { installedPolicy } from '../support/installed-policies.ts';

const MANAGED = {
  matchExpressions: [{ key: 'app.kubernetes.io/managed-by', operator: 'In', values: ['envoy-gateway'] }],
};

function withOwner(change: object): Installation['configuration'] {
  return { value: { ...chartConfiguration(), webhooks: [entryFor('standard'), { ...entryFor('owner'), ...change }] } };
}

function managedPolicy() {
  const { spec, ...policy } = installedPolicy('owner');
  return { ...policy, spec: { ...spec, matchConstraints: { objectSelector: MANAGED } } };
}

describe('reverseOf()', () => {
  const problem = { message: 'forbidden' };
  const none: Installation['configuration'] = { value: undefined };

  test.for<readonly [what: string, known: Partial<Installation>, reverse: string | undefined]>([
    ["the chart's webhook configuration", { configuration: { value: chartConfiguration() } }, 'both'],
    ['several attempts', { configuration: { value: twiceConfiguration() } }, 'both'],
    ['an entry with a selector', { configuration: withOwner({ objectSelector: MANAGED }) }, 'managed'],
    ['an entry without rules', { configuration: withOwner({ rules: undefined }) }, 'off'],
    [
      'a webhook configuration without an entry for it',
      { configuration: { value: { ...chartConfiguration(), webhooks: [] } } },
      undefined,
    ],
    ['policies', { policies: { value: [installedPolicy('standard'), installedPolicy('owner')] } }, 'both'],
    ['a policy with a selector', { policies: { value: [managedPolicy()] } }, 'managed'],
    ['one policy', { policies: { value: [installedPolicy('standard')] } }, 'off'],
    [
      'a webhook configuration and policies',
      { configuration: withOwner({ objectSelector: MANAGED }), policies: { value: [installedPolicy('owner')] } },
      'managed',
    ],
    ['an empty installation', {}, undefined],
    ['an installation that cannot be read', { configuration: { problem }, policies: { problem } }, undefined],
  ])('returns it for %s', ([, known, reverse]) => {
    expect(reverseOf({ configuration: none, policies: { value: [] }, ...known })).toBe(reverse);
  });
});
