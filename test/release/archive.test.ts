import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type ArchivedFile, tarGz, zip } from '../../release/archive.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

// Not sorted by name.
const FILES: readonly ArchivedFile[] = [
  { name: 'program', data: Buffer.from('#! '.repeat(10_000)), isExecutable: true },
  { name: 'completions/program.fish', data: Buffer.from('complete') },
  { name: 'LICENSE', data: Buffer.from('free') },
];
const MODIFIED_AT = new Date('2026-11-28T12:00:02Z');

const FORMS = {
  'files.tar.gz': {
    pack: tarGz,
    mode: (isExecutable: boolean) => (isExecutable ? 0o755 : 0o644),
    modifiedAt: MODIFIED_AT.getTime() / 1000,
  },
  // No modes, because it is for Windows.
  'files.zip': { pack: zip, mode: () => 0, modifiedAt: [2026, 11, 28, 12, 0, 2] },
} as const;

/** Reads archives with an independent implementation. */
const READER = `
import json, sys, tarfile, zipfile
path = sys.argv[1]
if path.endswith('.zip'):
    archive = zipfile.ZipFile(path)
    files = [(f.filename, f.external_attr >> 16, f.date_time, archive.read(f)) for f in archive.infolist()]
else:
    archive = tarfile.open(path)
    files = [(f.name, f.mode, f.mtime, archive.extractfile(f).read()) for f in archive.getmembers()]
print(json.dumps([[name, mode, time, content.decode()] for name, mode, time, content in files]))
`;

test.for(['files.tar.gz', 'files.zip'] as const)('%s contains the files sorted by name', async (name) => {
  const { pack, mode, modifiedAt } = FORMS[name];
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, await pack(FILES, MODIFIED_AT));
  const read = execFileSync('python3', ['-c', READER, path], { encoding: 'utf8' });
  expect(JSON.parse(read)).toEqual(
    FILES.toReversed().map(({ name, data, isExecutable = false }) => [
      name,
      mode(isExecutable),
      modifiedAt,
      String(data),
    ]),
  );
});

test.for(['files.tar.gz', 'files.zip'] as const)(
  '%s has the same bytes at any time and in any time zone',
  async (name) => {
    const { TZ } = process.env;
    onTestFinished(() => {
      if (TZ === undefined) delete process.env['TZ'];
      else process.env['TZ'] = TZ;
      vi.useRealTimers();
    });
    const offsets = new Set<number>();
    const packed = new Set<string>();
    for (const zone of ['UTC', 'Asia/Kolkata', 'America/St_Johns']) {
      process.env['TZ'] = zone;
      vi.useFakeTimers({ toFake: ['Date'], now: MODIFIED_AT.getTime() + 60_000 * offsets.size });
      offsets.add(MODIFIED_AT.getTimezoneOffset());
      packed.add(Buffer.from(await FORMS[name].pack(FILES, MODIFIED_AT)).toString('base64'));
    }
    expect([offsets.size, packed.size]).toEqual([3, 1]);
  },
);
