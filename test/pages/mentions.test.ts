import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, test } from 'vitest';
import { documentedCommands, isMention, wordsOf } from '../support/documented-commands.ts';

const MENTIONS = documentedCommands()
  .filter(({ line }) => /^(?:kubectl|helm) /.test(line) && isMention(line))
  .map((command) => ({ ...command, words: wordsOf(command.line) }));

/** Returns what a program prints about one of its commands. */
async function helpOf(program: string, verb: string): Promise<string> {
  const assets = String(inject('cluster')?.assets);
  const path = program === 'helm' ? String(inject('helm')) : join(assets, 'kubectl');
  const { stdout } = await promisify(execFile)(path, [verb, '--help']);
  return stdout;
}

describe.skipIf(!inject('cluster') || !inject('helm'))('a command that a sentence names without arguments', () => {
  test.for(MENTIONS)('has its flags: $line in $path', async ({ words: [program = '', verb = '', ...flags] }) => {
    const help = await helpOf(program, verb);
    expect(help).toContain(`${program} ${verb}`);
    const unknown = flags.filter((flag) => !new RegExp(`^ .*${flag.replace(/=.*/, '')}\\b`, 'm').test(help));
    expect(unknown).toEqual([]);
  });
});
