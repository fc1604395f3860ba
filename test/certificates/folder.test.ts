import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFolder, writeFolder } from '../../src/certificates/folder.ts';
import { temporaryFolder } from '../support/folder.ts';

const FILES = { 'ca.crt': 'a', 'ca.key': 'b', 'tls.crt': 'c', 'tls.key': 'd' };

describe('readFolder()', () => {
  test('reads the files that are there', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'tls.crt'), 'c');
    expect(await readFolder(folder)).toEqual({ 'tls.crt': 'c' });
  });

  test('takes a folder that is not there for an empty one', async () => {
    expect(await readFolder(join(temporaryFolder(), 'none'))).toEqual({});
  });

  test('rejects when a file cannot be read', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'tls.crt'));
    await expect(readFolder(folder)).rejects.toThrow('EISDIR');
  });
});

describe('writeFolder()', () => {
  test('writes what readFolder() reads, and nothing else, into a folder that it makes', async () => {
    const folder = join(temporaryFolder(), 'a', 'b');
    await writeFolder(folder, FILES);
    expect(await readFolder(folder)).toEqual(FILES);
    expect(readdirSync(folder)).toEqual(Object.keys(FILES));
  });

  test('gives keys to their owner alone, also in the place of an open one', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'tls.key'), 'old');
    chmodSync(join(folder, 'tls.key'), 0o644);
    await writeFolder(folder, FILES);
    const modes = Object.keys(FILES).map((file) => [file, (statSync(join(folder, file)).mode & 0o777).toString(8)]);
    expect(Object.fromEntries(modes)).toEqual({ 'ca.crt': '644', 'ca.key': '600', 'tls.crt': '644', 'tls.key': '600' });
  });

  test('leaves nothing behind, and the rest as it was, when a file cannot be written', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'ca.key', 'x'), { recursive: true });
    await expect(writeFolder(folder, FILES)).rejects.toThrow('ca.key');
    expect(readdirSync(folder)).toEqual(['ca.key']);
  });

  test('replaces a file instead of writing into it: who has it open reads on', async () => {
    const folder = temporaryFolder();
    await writeFolder(folder, { 'tls.crt': 'old' });
    const inode = statSync(join(folder, 'tls.crt')).ino;
    await writeFolder(folder, { 'tls.crt': 'new' });
    expect(readFileSync(join(folder, 'tls.crt'), 'utf8')).toBe('new');
    expect(statSync(join(folder, 'tls.crt')).ino).not.toBe(inode);
  });
});
