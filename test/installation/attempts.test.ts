import { describe, expect, test } from 'vitest';
import { attemptsOf, directionOf } from '../../src/installation/attempts.ts';
import { chartConfiguration, madeConfiguration, twiceConfiguration } from '../support/chart-configuration.ts';

test.for([
  ['standard.label.gateway-name-webhook', 'standard'],
  ['owner.label.gateway-name-webhook', 'owner'],
  ['second.owner.label.gateway-name-webhook', 'owner'],
  ['third.standard.label.gateway-name-webhook', 'standard'],
  ['a.second.owner.label.gateway-name-webhook', undefined],
  ['other.label.gateway-name-webhook', undefined],
  ['standard.label.gateway-name-webhook.example.com', undefined],
  ['xstandard.label.gateway-name-webhook', undefined],
] as const)('directionOf() returns for %s: %s', ([name, direction]) => {
  expect(directionOf(name)).toBe(direction);
});

describe('attemptsOf()', () => {
  const names = (...args: Parameters<typeof attemptsOf>) => attemptsOf(...args).map(({ name }) => name);

  test('returns the only entry of an older chart', () => {
    expect(names(chartConfiguration(), 'standard')).toEqual(['standard.label.gateway-name-webhook']);
    expect(names(chartConfiguration(), 'owner')).toEqual(['owner.label.gateway-name-webhook']);
  });

  test('keeps the order of the webhook configuration', () => {
    expect(names(twiceConfiguration(), 'standard')).toEqual([
      'standard.label.gateway-name-webhook',
      'second.standard.label.gateway-name-webhook',
    ]);
    expect(names(twiceConfiguration(), 'owner')).toEqual([
      'second.owner.label.gateway-name-webhook',
      'owner.label.gateway-name-webhook',
    ]);
  });

  test('returns every entry of the chart', () => {
    const { webhooks = [] } = madeConfiguration();
    expect(webhooks.length).toBeGreaterThan(1);
    expect(webhooks.filter(({ name }) => directionOf(name) === undefined)).toEqual([]);
  });

  test('returns nothing without a webhook configuration or entries', () => {
    expect(names(undefined, 'owner')).toEqual([]);
    const { webhooks: _, ...none } = chartConfiguration();
    expect(names(none, 'owner')).toEqual([]);
  });
});
