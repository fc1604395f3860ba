import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addScopeOptions, parseScope, type ScopeTexts } from '../../../src/commands/options/scope-options.ts';

function scopeOf(...args: readonly string[]) {
  const command = addScopeOptions(new Command()).exitOverride();
  return parseScope(command.parse(args, { from: 'user' }).opts<ScopeTexts>(), 'of-the-context');
}

describe('parseScope()', () => {
  test.for([
    { args: [], scope: { namespaces: ['of-the-context'], namespaceSelector: '', selector: '' } },
    { args: ['-n', 'a'], scope: { namespaces: ['a'], namespaceSelector: '', selector: '' } },
    {
      args: ['-n', 'a', '--namespace=b', '-na'],
      scope: { namespaces: ['a', 'b'], namespaceSelector: '', selector: '' },
    },
    { args: ['-A'], scope: { namespaces: [], namespaceSelector: '', selector: '' } },
    {
      args: ['--all-namespaces', '--namespace-selector', 'a in (b, c)'],
      scope: { namespaces: [], namespaceSelector: 'a in (b, c)', selector: '' },
    },
    {
      args: ['-l', 'a=b', '-A'],
      scope: { namespaces: [], namespaceSelector: '', selector: 'a=b' },
    },
    {
      args: ['--selector=a,!b'],
      scope: { namespaces: ['of-the-context'], namespaceSelector: '', selector: 'a,!b' },
    },
  ])('accepts $args like kubectl', ({ args, scope }) => {
    expect(scopeOf(...args)).toEqual(scope);
  });

  test.for([
    { args: ['-A', '-n', 'a'], says: '-n and -A are mutually exclusive' },
    { args: ['--namespace-selector', 'a=b'], says: '--namespace-selector requires -A' },
    { args: ['-n', 'a', '--namespace-selector', 'a=b'], says: '--namespace-selector requires -A' },
    { args: ['-n', 'a', '-n', 'b/c'], says: '--namespace is "b/c", expected a name' },
    { args: ['-n', ''], says: '--namespace is "", expected a name' },
  ])('refuses $args', ({ args, says }) => {
    expect(() => scopeOf(...args)).toThrow(expect.objectContaining({ name: 'BadUsage', message: says }));
  });
});
