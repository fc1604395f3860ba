import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDirectory, writeDirectory } from '../../src/certificates/directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const FILES = { 'ca.crt': 'a', 'ca.key': 'b', 'tls.crt': 'c', 'tls.key': 'd' };

describe('readDirectory()', () => {
  test('reads the existing files', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'tls.crt'), 'c');
    expect(await readDirectory(directory)).toEqual({ 'tls.crt': 'c' });
  });

  test('reads a missing directory as an empty one', async () => {
    expect(await readDirectory(join(temporaryDirectory(), 'none'))).toEqual({});
  });

  test('rejects if a file cannot be read', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'tls.crt'));
    await expect(readDirectory(directory)).rejects.toThrow('EISDIR');
  });
});

describe('writeDirectory()', () => {
  test('writes files that readDirectory() reads, and nothing else, into a new directory', async () => {
    const directory = join(temporaryDirectory(), 'a', 'b');
    await writeDirectory(directory, FILES);
    expect(await readDirectory(directory)).toEqual(FILES);
    expect(readdirSync(directory)).toEqual(Object.keys(FILES));
  });

  test('makes keys readable only for their owner, even if they replace a file that others can read', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'tls.key'), 'old');
    chmodSync(join(directory, 'tls.key'), 0o644);
    await writeDirectory(directory, FILES);
    const modes = Object.keys(FILES).map((file) => [file, (statSync(join(directory, file)).mode & 0o777).toString(8)]);
    expect(Object.fromEntries(modes)).toEqual({ 'ca.crt': '644', 'ca.key': '600', 'tls.crt': '644', 'tls.key': '600' });
  });

  test('leaves no temporary file, and writes nothing else, if a file cannot be written', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'ca.key', 'x'), { recursive: true });
    await expect(writeDirectory(directory, FILES)).rejects.toThrow('ca.key');
    expect(readdirSync(directory)).toEqual(['ca.key']);
  });

  test('replaces a file instead of writing into it, so that processes that have it open still read the old content', async () => {
    const directory = temporaryDirectory();
    await writeDirectory(directory, { 'tls.crt': 'old' });
    const inode = statSync(join(directory, 'tls.crt')).ino;
    await writeDirectory(directory, { 'tls.crt': 'new' });
    expect(readFileSync(join(directory, 'tls.crt'), 'utf8')).toBe('new');
    expect(statSync(join(directory, 'tls.crt')).ino).not.toBe(inode);
  });
});
