import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { writeNpmPackage } from '../../release/npm-package.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const BUNDLE = [
  'THIRD_PARTY_LICENSES',
  'main.js',
  'main.js.map',
  'chunks/a-1.js',
  'chunks/a-1.js.map',
  'sbom.cdx.json',
];

test('writeNpmPackage() writes the files that users need, and nothing else', async () => {
  const bundle = temporaryDirectory();
  mkdirSync(join(bundle, 'chunks'));
  for (const file of BUNDLE) writeFileSync(join(bundle, file), '');
  const directory = join(temporaryDirectory(), 'npm');

  await writeNpmPackage(bundle, directory);

  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', directory], { encoding: 'utf8' }));
  expect(packed).toMatchObject({ name: packageJson.name, version: packageJson.version });
  expect(packed.files.map(({ path }: { path: string }) => path).sort()).toEqual([
    'LICENSE',
    'README.md',
    'dist/THIRD_PARTY_LICENSES',
    'dist/chunks/a-1.js',
    'dist/main.js',
    'dist/sbom.cdx.json',
    'package.json',
  ]);
  // An installation would download them, although the bundle contains them.
  expect(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))).not.toHaveProperty('dependencies');
});
