import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { archiveName, executableName } from '../../release/executable-path.ts';
import { krewManifest } from '../../release/krew.ts';
import { NAMES } from '../../release/names.ts';
import { TARGETS } from '../../release/node-packages.ts';

test('krewManifest() lists every archive of a release, with its checksum and its executable', () => {
  const template = readFileSync('.krew.yaml', 'utf8');
  const { spec } = parse(krewManifest(template, 'v1.2.3', (archive) => `sum of ${archive}`));
  expect(spec.version).toBe('v1.2.3');
  const expected = TARGETS.map((target) => {
    const archive = archiveName(target, 'v1.2.3');
    const uri = `${NAMES.repository}/releases/download/v1.2.3/${archive}`;
    return { uri, sha256: `sum of ${archive}`, bin: executableName(target) };
  });
  const platforms = spec.platforms.map(({ uri, sha256, bin }: Record<string, string>) => ({ uri, sha256, bin }));
  expect(platforms.toSorted(byUri)).toEqual(expected.toSorted(byUri));
});

function byUri(one: { readonly uri: string }, other: { readonly uri: string }): number {
  return one.uri < other.uri ? -1 : 1;
}
