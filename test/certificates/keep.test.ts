import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { readDirectory, writeDirectory } from '../../src/certificates/directory.ts';
import { type KeepOptions, keepCertificates } from '../../src/certificates/keep.ts';
import type { ServingCertificate } from '../../src/certificates/plan.ts';
import { hoursLater, ISSUED_AT, localCertificates } from '../support/certificates.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly reason?: string;
}

/** A keeper with a clock that the test controls, with its log and its events. */
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

async function filled(directory: string) {
  const { ca, serving } = await localCertificates(ISSUED_AT);
  await writeDirectory(directory, { 'ca.crt': ca.cert, 'tls.crt': serving.cert, 'tls.key': serving.key });
  return { ca, serving };
}

describe('keepCertificates()', () => {
  test('issues a CA for a year and a serving certificate for a day in an empty directory, and keeps them on restart', async () => {
    const directory = temporaryDirectory();
    const { keeper, lines } = await keep(directory);
    const { cert, key, ca, notAfter, caNotAfter } = keeper.serving();
    expect(new X509Certificate(cert).verify(new X509Certificate(ca ?? '').publicKey)).toBe(true);
    expect(new X509Certificate(cert).subjectAltName).toBe('DNS:localhost');
    expect([notAfter, caNotAfter]).toEqual([hoursLater(24), hoursLater(24 * 365)]);
    expect(new X509Certificate(cert).validFromDate).toEqual(hoursLater(-1));
    expect(await readDirectory(directory)).toMatchObject({ 'ca.crt': ca, 'tls.crt': cert, 'tls.key': key });
    expect(lines).toMatchObject([
      { level: 'info', message: 'issuing a certificate', certificate: 'CA', reason: 'there is none yet' },
    ]);

    const again = await keep(directory);
    expect(again.keeper.serving()).toEqual(keeper.serving());
    expect(again.lines).toEqual([]);
  });

  test('renews the serving certificate before it expires, with the same CA', async () => {
    const { keeper, clock, replaced } = await keep(temporaryDirectory());
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

  test('replaces the CA before it expires, and still publishes the old one with it', async () => {
    const { keeper, clock } = await keep(temporaryDirectory());
    const first = keeper.serving();
    clock.now = hoursLater(24 * 365 * 0.72);
    await keeper.check();
    const { ca = '', cert } = keeper.serving();
    expect(new X509Certificate(ca).fingerprint256).not.toBe(new X509Certificate(first.ca ?? '').fingerprint256);
    expect(ca.endsWith(first.ca ?? '')).toBe(true);
    expect(new X509Certificate(cert).verify(new X509Certificate(ca).publicKey)).toBe(true);
  });

  test('publishes the current CA and the one before, but no older ones', async () => {
    const { keeper, clock } = await keep(temporaryDirectory());
    for (const year of [0.72, 1.44, 2.16]) {
      clock.now = hoursLater(24 * 365 * year);
      await keeper.check();
    }
    expect(keeper.serving().ca?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });

  test('replaces its own pair at start if the key is invalid, but not while it serves', async () => {
    const directory = temporaryDirectory();
    const { keeper, refusals } = await keep(directory);
    const first = keeper.serving();
    writeFileSync(join(directory, 'tls.key'), 'half');
    await keeper.check();
    expect([keeper.serving(), refusals()]).toEqual([first, 1]);

    const again = await keep(directory);
    expect(again.lines).toMatchObject([{ message: 'issuing a certificate', reason: 'its key is missing' }]);
    expect(again.keeper.serving().ca).toBe(first.ca);
  });

  test('reloads certificates that another program has replaced', async () => {
    const directory = temporaryDirectory();
    await filled(directory);
    const { keeper, replaced, lines } = await keep(directory);
    await keeper.check();
    expect(replaced).toEqual([]);

    const { serving } = await filled(directory);
    await keeper.check();
    expect(replaced).toMatchObject([serving]);
    expect(keeper.serving()).toMatchObject(serving);
    expect(lines).toMatchObject([{ level: 'info', message: 'replaced the serving certificate' }]);
  });

  test('reloads after a symlink is swapped, as the kubelet does for a mounted Secret', async () => {
    const directory = temporaryDirectory();
    for (const version of ['..2026_1', '..2026_2']) mkdirSync(join(directory, version));
    const first = await filled(join(directory, '..2026_1'));
    const second = await filled(join(directory, '..2026_2'));
    symlinkSync('..2026_1', join(directory, '..data'));
    for (const file of ['ca.crt', 'tls.crt', 'tls.key']) symlinkSync(join('..data', file), join(directory, file));

    const { keeper } = await keep(directory);
    expect(keeper.serving()).toMatchObject(first.serving);
    symlinkSync('..2026_2', join(directory, '..data_tmp'));
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
    rmSync(join(directory, '..2026_1'), { recursive: true });
    await keeper.check();
    expect(keeper.serving()).toMatchObject(second.serving);
  });

  test('detects a new CA with the same certificate', async () => {
    const directory = temporaryDirectory();
    await filled(directory);
    const { keeper, replaced } = await keep(directory);
    const { ca } = await localCertificates();
    await writeDirectory(directory, { 'ca.crt': ca.cert });
    await keeper.check();
    expect(replaced).toMatchObject([{ ca: ca.cert }]);
  });

  test('refuses an incomplete new pair, logs it once, and loads the complete pair later', async () => {
    const directory = temporaryDirectory();
    const { serving: first } = await filled(directory);
    const { keeper, lines, refusals } = await keep(directory);

    const { serving: second } = await localCertificates(ISSUED_AT);
    writeFileSync(join(directory, 'tls.crt'), second.cert);
    await keeper.check();
    await keeper.check();
    expect(keeper.serving()).toMatchObject(first);
    const refusal = { level: 'warn', message: 'refused certificates, keeping the ones in use' };
    expect(lines).toMatchObject([{ ...refusal, reason: 'tls.key does not match tls.crt' }]);
    expect(refusals()).toBe(1);

    writeFileSync(join(directory, 'tls.key'), second.key.slice(0, 100));
    await keeper.check();
    expect(lines[1]).toMatchObject({ ...refusal, reason: 'tls.key is not a PEM private key' });

    writeFileSync(join(directory, 'tls.key'), second.key);
    await keeper.check();
    expect(keeper.serving()).toMatchObject(second);

    // After a valid pair, the same problem is logged again.
    for (let time = 3; time < 5; time += 1) {
      writeFileSync(join(directory, 'tls.key'), first.key);
      await keeper.check();
      expect(refusals()).toBe(time);
      writeFileSync(join(directory, 'tls.key'), second.key);
      await keeper.check();
    }
  });

  test('rejects at start if there is nothing to serve, and says what to do', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'tls.crt'), 'x');
    const advice = 'put tls.crt, tls.key, and ca.crt there, or empty the directory to have them created';
    const message = `Cannot serve with the certificates in ${directory}: tls.key is missing; ${advice}`;
    await expect(keep(directory)).rejects.toThrow(message);
  });

  test('gives up if the directory never contains a valid certificate after writing', async () => {
    const directory = temporaryDirectory();
    const { ca } = await localCertificates(ISSUED_AT);
    await writeDirectory(directory, { 'ca.crt': ca.cert, 'ca.key': ca.key });
    // No certificate is valid for an empty name, so each new one must be replaced immediately.
    await expect(keep(directory, { names: ['localhost', ''] })).rejects.toThrow(
      'something else writes to the directory',
    );
  });

  test('checks the directory on its own, and continues after an error', async () => {
    const directory = temporaryDirectory();
    await filled(directory);
    const { keeper, lines } = await keep(directory, { pollMs: 1 });
    rmSync(join(directory, 'ca.crt'));
    mkdirSync(join(directory, 'ca.crt'));
    const failed = { level: 'error', message: 'failed to check the certificates' };
    await vi.waitFor(() => expect(lines).toContainEqual(expect.objectContaining(failed)));

    rmSync(join(directory, 'ca.crt'), { recursive: true });
    const { serving } = await filled(directory);
    await vi.waitFor(() => expect(keeper.serving()).toMatchObject(serving));
  });

  test('stops checking after stop()', async () => {
    const directory = temporaryDirectory();
    await filled(directory);
    const { keeper, lines } = await keep(directory, { pollMs: 1 });
    keeper.stop();
    const before = keeper.serving();
    await filled(directory);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(keeper.serving()).toEqual(before);
    expect(lines).toEqual([]);
  });

  test('needs no permission to write if another program writes the certificates', async () => {
    const directory = temporaryDirectory();
    const { serving } = await filled(directory);
    chmodSync(directory, 0o500);
    onTestFinished(() => chmodSync(directory, 0o700));
    expect((await keep(directory)).keeper.serving()).toMatchObject(serving);
  });
});
