import { expect, test } from 'vitest';
import { documentedCommands } from '../support/documented-commands.ts';
import { helpOf } from '../support/help.ts';

const COMMANDS = documentedCommands('gateway-name-webhook').map(({ path, words }) => ({
  path,
  words,
  command: words.join(' '),
}));

test('there are commands on pages', () => {
  expect(COMMANDS.length).toBeGreaterThan(30);
});

test.for(COMMANDS)('$path: the help of `$command` has its flags', async ({ words }) => {
  const names = words.slice(0, words[0] === 'certs' ? 2 : 1);
  const help = await helpOf(names.filter((word) => !word.startsWith('-')).join(' '));
  const flags = words.filter((word) => /^-{1,2}[a-zA-Z]/.test(word)).map((word) => word.replace(/=.*/, ''));
  const unknown = flags.filter((flag) => !new RegExp(`(^|[\\s,])${flag}([\\s,<[]|$)`, 'm').test(help));
  expect({ usage: help.includes(`Usage: gateway-name-webhook ${names[0]}`), unknown }).toEqual({
    usage: true,
    unknown: [],
  });
});
