import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/commands/program.ts';
import { testContext } from '../../support/context.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

async function script(shell: string): Promise<string> {
  const { context, written } = testContext();
  expect(await run(['completion', shell], context)).toBe(0);
  return written.stdout;
}

/** Returns bash's suggestions for the last of these words. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const file = join(temporaryDirectory(), 'completion.bash');
  writeFileSync(file, await script('bash'));
  const completed = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gateway_name_webhook; echo "\${COMPREPLY[*]}"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', completed, file, 'gateway-name-webhook', ...words]);
  return stdout.trim().split(' ');
}

describe('completion', () => {
  test.for([
    { words: ['au'], offers: ['audit'] },
    { words: ['certs', ''], offers: ['status', 'rotate'] },
    { words: ['certs', 'status', '-o', ''], offers: ['table', 'json', 'yaml'] },
    { words: ['audit', '-A', '--reverse', 'm'], offers: ['managed'] },
    { words: ['audit', '-o', ''], offers: ['table', 'wide', 'json', 'yaml', 'name'] },
    { words: ['list', '--no-'], offers: ['--no-headers'] },
    { words: ['--context', 'a', 'backfill', '--dry'], offers: ['--dry-run'] },
    { words: ['why', '--web'], offers: ['--webhook-configuration'] },
    { words: ['completion', ''], offers: ['bash', 'zsh', 'fish'] },
    { words: ['list', 'a-gateway', 'nothing'], offers: [''] },
  ])('suggests $offers for $words in bash', async ({ words, offers }) => {
    expect(await offered(...words)).toEqual(offers);
  });

  test('suggests every command in bash', async () => {
    const { context, written } = testContext();
    await run(['--help'], context);
    const listed = [...written.stdout.matchAll(/^ {2}([a-z]+)(?= )/gm)].map(([, name]) => name);
    expect(listed.length).toBeGreaterThan(8);
    expect(await offered('')).toEqual(expect.arrayContaining(listed.filter((name) => name !== 'help')));
  });

  test('is the same in zsh as in bash', async () => {
    expect(await script('zsh')).toBe(
      `#compdef gateway-name-webhook\nautoload -U +X bashcompinit && bashcompinit\n${await script('bash')}`,
    );
  });

  test('has a line for each command, flag and choice in fish', async () => {
    const lines = (await script('fish')).split('\n');
    const line = 'complete -c gateway-name-webhook';
    expect(lines).toEqual(
      expect.arrayContaining([
        `${line} -f -n '__fish_use_subcommand' -a version -d 'Print the version.'`,
        `${line} -f -n '__fish_seen_subcommand_from certs; and not __fish_seen_subcommand_from status rotate' -a rotate -d 'Replace the CA now, and wait until every ready Pod serves a certificate from the new one.'`,
        `${line} -f -n '__fish_seen_subcommand_from completion' -a fish`,
        `${line} -n '__fish_seen_subcommand_from certs; and __fish_seen_subcommand_from status' -s o -l output -x -a 'table json yaml' -d 'output format'`,
        `${line} -n '__fish_seen_subcommand_from why' -s n -l namespace -r -d 'namespace of the object (default: the context\\'s)'`,
      ]),
    );
  });

  test('exits with 2 for another shell', async () => {
    const { context, written } = testContext();
    expect(await run(['completion', 'tcsh'], context)).toBe(2);
    expect(written.stderr).toContain('Allowed choices are bash, zsh, fish.');
  });
});
