import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { readFolder, writeFolder } from '../../src/certificates/folder.ts';
import { type KeepOptions, keepCertificates } from '../../src/certificates/keep.ts';
import type { ServingCertificate } from '../../src/certificates/plan.ts';
import { hoursLater, ISSUED_AT, localCertificates } from '../support/certificates.ts';
import { temporaryFolder } from '../support/folder.ts';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly reason?: string;
}

/** A keeper whose clock is in the test's hands, with what it said and did. */
async function keep(directory: string, options: Partial<KeepOptions> = {}) {
  const lines: Line[] = [];
  const replaced: ServingCertificate[] = [];
  const clock = { now: ISSUED_AT };
  let refusals = 0;
  const log = (level: string) => (fields: object, message: string) => void lines.push({ level, message, ...fields });
  const keeper = await keepCertificates({
    directory,
    names: ['localhost'],
    logger: { info: log('info'), warn: log('warn'), error: log('error') } as KeepOptions['logger'],
    onReplaced: (serving) => replaced.push(serving),
    onRefused: () => {
      refusals += 1;
    },
    now: () => clock.now,
    ...options,
  });
  onTestFinished(keeper.stop);
  return { keeper, lines, replaced, clock, refusals: () => refusals };
}

async function filled(folder: string) {
  const { ca, serving } = await localCertificates(ISSUED_AT);
  await writeFolder(folder, { 'ca.crt': ca.cert, 'tls.crt': serving.cert, 'tls.key': serving.key });
  return { ca, serving };
}

describe('keepCertificates()', () => {
  test('makes a CA of a year and a serving certificate of a day in an empty folder, and keeps them on restart', async () => {
    const folder = temporaryFolder();
    const { keeper, lines } = await keep(folder);
    const { cert, key, ca, notAfter, caNotAfter } = keeper.serving();
    expect(new X509Certificate(cert).verify(new X509Certificate(ca ?? '').publicKey)).toBe(true);
    expect(new X509Certificate(cert).subjectAltName).toBe('DNS:localhost');
    expect([notAfter, caNotAfter]).toEqual([hoursLater(24), hoursLater(24 * 365)]);
    expect(new X509Certificate(cert).validFromDate).toEqual(hoursLater(-1));
    expect(await readFolder(folder)).toMatchObject({ 'ca.crt': ca, 'tls.crt': cert, 'tls.key': key });
    expect(lines).toMatchObject([
      { level: 'info', message: 'issuing a certificate', certificate: 'CA', reason: 'there is none yet' },
    ]);

    const again = await keep(folder);
    expect(again.keeper.serving()).toEqual(keeper.serving());
    expect(again.lines).toEqual([]);
  });

  test('renews the serving certificate before it expires, from the same CA', async () => {
    const { keeper, clock, replaced } = await keep(temporaryFolder());
    const first = keeper.serving();
    clock.now = hoursLater(15.9);
    await keeper.check();
    expect(keeper.serving()).toEqual(first);

    clock.now = hoursLater(18);
    await keeper.check();
    expect(replaced).toEqual([keeper.serving()]);
    expect(keeper.serving()).toMatchObject({ ca: first.ca, notAfter: hoursLater(24, clock.now) });
    expect(keeper.serving().key).not.toBe(first.key);
  });

  test('replaces the CA before it expires, and goes on to publish the old one beside it', async () => {
    const { keeper, clock } = await keep(temporaryFolder());
    const first = keeper.serving();
    clock.now = hoursLater(24 * 365 * 0.72);
    await keeper.check();
    const { ca = '', cert } = keeper.serving();
    expect(new X509Certificate(ca).fingerprint256).not.toBe(new X509Certificate(first.ca ?? '').fingerprint256);
    expect(ca.endsWith(first.ca ?? '')).toBe(true);
    expect(new X509Certificate(cert).verify(new X509Certificate(ca).publicKey)).toBe(true);
  });

  test('publishes one CA before the present one, not all that ever were', async () => {
    const { keeper, clock } = await keep(temporaryFolder());
    for (const year of [0.72, 1.44, 2.16]) {
      clock.now = hoursLater(24 * 365 * year);
      await keeper.check();
    }
    expect(keeper.serving().ca?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });

  test('issues a pair of its own again at start when it is not whole, but not while it serves', async () => {
    const folder = temporaryFolder();
    const { keeper, refusals } = await keep(folder);
    const first = keeper.serving();
    writeFileSync(join(folder, 'tls.key'), 'half');
    await keeper.check();
    expect([keeper.serving(), refusals()]).toEqual([first, 1]);

    const again = await keep(folder);
    expect(again.lines).toMatchObject([{ message: 'issuing a certificate', reason: 'its key is missing' }]);
    expect(again.keeper.serving().ca).toBe(first.ca);
  });

  test('reloads certificates that somebody else replaced', async () => {
    const folder = temporaryFolder();
    await filled(folder);
    const { keeper, replaced, lines } = await keep(folder);
    await keeper.check();
    expect(replaced).toEqual([]);

    const { serving } = await filled(folder);
    await keeper.check();
    expect(replaced).toMatchObject([serving]);
    expect(keeper.serving()).toMatchObject(serving);
    expect(lines).toMatchObject([{ level: 'info', message: 'replaced the serving certificate' }]);
  });

  test('reloads when a symlink is swapped, as the kubelet does it for a mounted Secret', async () => {
    const folder = temporaryFolder();
    for (const version of ['..2026_1', '..2026_2']) mkdirSync(join(folder, version));
    const first = await filled(join(folder, '..2026_1'));
    const second = await filled(join(folder, '..2026_2'));
    symlinkSync('..2026_1', join(folder, '..data'));
    for (const file of ['ca.crt', 'tls.crt', 'tls.key']) symlinkSync(join('..data', file), join(folder, file));

    const { keeper } = await keep(folder);
    expect(keeper.serving()).toMatchObject(first.serving);
    symlinkSync('..2026_2', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    rmSync(join(folder, '..2026_1'), { recursive: true });
    await keeper.check();
    expect(keeper.serving()).toMatchObject(second.serving);
  });

  test('takes a new CA beside the same certificate for a change', async () => {
    const folder = temporaryFolder();
    await filled(folder);
    const { keeper, replaced } = await keep(folder);
    const { ca } = await localCertificates();
    await writeFolder(folder, { 'ca.crt': ca.cert });
    await keeper.check();
    expect(replaced).toMatchObject([{ ca: ca.cert }]);
  });

  test('refuses half of a new pair, says so once, and takes the whole of it later', async () => {
    const folder = temporaryFolder();
    const { serving: first } = await filled(folder);
    const { keeper, lines, refusals } = await keep(folder);

    const { serving: second } = await localCertificates(ISSUED_AT);
    writeFileSync(join(folder, 'tls.crt'), second.cert);
    await keeper.check();
    await keeper.check();
    expect(keeper.serving()).toMatchObject(first);
    const refusal = { level: 'warn', message: 'refused certificates, keeping the ones in use' };
    expect(lines).toMatchObject([{ ...refusal, reason: 'tls.key does not match tls.crt' }]);
    expect(refusals()).toBe(1);

    writeFileSync(join(folder, 'tls.key'), second.key.slice(0, 100));
    await keeper.check();
    expect(lines[1]).toMatchObject({ ...refusal, reason: 'tls.key is not a PEM private key' });

    writeFileSync(join(folder, 'tls.key'), second.key);
    await keeper.check();
    expect(keeper.serving()).toMatchObject(second);

    // The same again after it was good is news.
    for (let time = 3; time < 5; time += 1) {
      writeFileSync(join(folder, 'tls.key'), first.key);
      await keeper.check();
      expect(refusals()).toBe(time);
      writeFileSync(join(folder, 'tls.key'), second.key);
      await keeper.check();
    }
  });

  test('rejects at start when there is nothing to serve, and says what to do', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'tls.crt'), 'x');
    const advice = 'put tls.crt, tls.key, and ca.crt there, or empty the directory to have them created';
    const message = `Cannot serve with the certificates in ${folder}: tls.key is missing; ${advice}`;
    await expect(keep(folder)).rejects.toThrow(message);
  });

  test('gives up on a folder that never holds what was written there', async () => {
    const folder = temporaryFolder();
    const { ca } = await localCertificates(ISSUED_AT);
    await writeFolder(folder, { 'ca.crt': ca.cert, 'ca.key': ca.key });
    // A name that no certificate satisfies: each new one is due at once.
    await expect(keep(folder, { names: ['localhost', ''] })).rejects.toThrow('something else writes to the directory');
  });

  test('looks on its own, and goes on after an error', async () => {
    const folder = temporaryFolder();
    await filled(folder);
    const { keeper, lines } = await keep(folder, { pollMs: 1 });
    rmSync(join(folder, 'ca.crt'));
    mkdirSync(join(folder, 'ca.crt'));
    const failed = { level: 'error', message: 'failed to check the certificates' };
    await vi.waitFor(() => expect(lines).toContainEqual(expect.objectContaining(failed)));

    rmSync(join(folder, 'ca.crt'), { recursive: true });
    const { serving } = await filled(folder);
    await vi.waitFor(() => expect(keeper.serving()).toMatchObject(serving));
  });

  test('stops looking when told', async () => {
    const folder = temporaryFolder();
    await filled(folder);
    const { keeper, lines } = await keep(folder, { pollMs: 1 });
    keeper.stop();
    const before = keeper.serving();
    await filled(folder);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(keeper.serving()).toEqual(before);
    expect(lines).toEqual([]);
  });

  test('needs no right to write where others put the certificates', async () => {
    const folder = temporaryFolder();
    const { serving } = await filled(folder);
    chmodSync(folder, 0o500);
    onTestFinished(() => chmodSync(folder, 0o700));
    expect((await keep(folder)).keeper.serving()).toMatchObject(serving);
  });
});
