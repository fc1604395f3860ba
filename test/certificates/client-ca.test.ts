import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ClientCAOptions, keepClientCA } from '../../src/certificates/client-ca.ts';
import { foreignCertificate } from '../support/openssl.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const a = foreignCertificate({ commonName: 'a' });
const b = foreignCertificate({ commonName: 'b' });
const leaf = foreignCertificate({ commonName: 'a leaf', isCA: false });

/** A keeper of a file, with its log and its events. */
async function keep(file: string) {
  const lines: object[] = [];
  const replaced: string[] = [];
  let refusals = 0;
  const log = (fields: object, message: string) => void lines.push({ ...fields, message });
  const keeper = await keepClientCA({
    file,
    logger: { info: log, warn: log } as ClientCAOptions['logger'],
    onReplaced: (ca) => replaced.push(ca),
    onRefused: () => {
      refusals += 1;
    },
    pollMs: 5,
  });
  onTestFinished(keeper.stop);
  return { keeper, lines, replaced, refusals: () => refusals };
}

function fileOf(text: string): string {
  const file = join(temporaryDirectory(), 'ca.crt');
  writeFileSync(file, text);
  return file;
}

/** Replaces the file atomically, so that no reader sees half of it. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

describe('keepClientCA()', () => {
  test('accepts one CA or several', async () => {
    for (const pem of [a.cert, a.cert + b.cert]) expect((await keep(fileOf(pem))).keeper.ca()).toBe(pem);
  });

  test.for([
    { name: 'an empty file', text: '', problem: 'it contains something other than PEM certificates' },
    { name: 'a file that is not PEM', text: 'garbage', problem: 'it contains something other than PEM certificates' },
    {
      name: 'a broken certificate',
      text: `${a.cert}${b.cert.replace(/MII/, 'MIX')}`,
      problem: 'it contains something other than PEM certificates',
    },
    { name: 'a key', text: a.cert + a.key, problem: 'it contains something other than PEM certificates' },
    {
      name: 'a certificate that is not a CA',
      text: a.cert + leaf.cert,
      problem: 'it contains a certificate that is not a CA',
    },
  ])('rejects $name', async ({ text, problem }) => {
    const file = fileOf(text);
    await expect(keep(file)).rejects.toThrow(`Cannot use the client CA in ${file}: ${problem}`);
  });

  test('rejects a file that does not exist', async () => {
    await expect(keep('/nowhere/ca.crt')).rejects.toThrow(/^Cannot use the client CA in \/nowhere\/ca\.crt: ENOENT/);
  });

  test('uses a new file, but keeps the CAs in use if the new file is invalid', async () => {
    const file = fileOf(a.cert);
    const { keeper, lines, replaced, refusals } = await keep(file);
    replace(file, leaf.cert);
    await expect.poll(refusals).toBe(1);
    expect(keeper.ca()).toBe(a.cert);
    rmSync(file);
    await expect.poll(refusals).toBe(2);
    replace(file, b.cert);
    await expect.poll(() => replaced).toEqual([b.cert]);
    expect(keeper.ca()).toBe(b.cert);
    replace(file, '');
    // The same problem as the first one, but it was solved in between.
    await expect.poll(refusals).toBe(3);
    expect(lines).toEqual([
      {
        file,
        reason: 'it contains a certificate that is not a CA',
        message: expect.stringMatching('keeping the one in use'),
      },
      { file, reason: expect.stringMatching('ENOENT'), message: expect.stringMatching('refused') },
      { file, message: 'replaced the client CA' },
      { file, reason: 'it contains something other than PEM certificates', message: expect.stringMatching('refused') },
    ]);
  });

  test('stops watching the file after stop()', async () => {
    const file = fileOf(a.cert);
    const { keeper, replaced } = await keep(file);
    keeper.stop();
    replace(file, b.cert);
    const other = await keep(file);
    replace(file, a.cert);
    await expect.poll(() => other.replaced).toEqual([a.cert]);
    expect(replaced).toEqual([]);
  });
});
