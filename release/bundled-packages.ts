import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** An npm package of which the bundle contains at least a part. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string | undefined;
  /** The algorithm and the digest of the archive in the registry, as in the lockfile. */
  readonly integrity: string;
  /** The contents of its license files. */
  readonly texts: readonly string[];
}

/** Packages whose published files contain other packages, which esbuild therefore does not report. */
const HOLDING: Readonly<Record<string, readonly string[]>> = {
  'node_modules/jsonpath-plus': [
    'node_modules/jsep',
    'node_modules/@jsep-plugin/assignment',
    'node_modules/@jsep-plugin/regex',
  ],
};

const LICENSE_FILE = /^(un)?licen[cs]e|^copying|^notice/i;

/** Returns the directories of the packages in a bundle, sorted by name. */
export function bundledDirectories({ outputs }: Pick<Metafile, 'outputs'>): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const directories = inputs.flatMap((path) => /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []);
  return [...new Set(directories.flatMap((directory) => [directory, ...(HOLDING[directory] ?? [])]))].sort();
}

/** Returns what the lockfile and the directories say about the packages in a bundle. */
export async function bundledPackages(metafile: Pick<Metafile, 'outputs'>): Promise<BundledPackage[]> {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'));
  return Promise.all(
    bundledDirectories(metafile).map(async (directory) => {
      const { version, license, integrity } = packages[directory];
      const files = (await readdir(directory)).filter((file) => LICENSE_FILE.test(file)).sort();
      const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
      return { name: directory.replace(/^.*node_modules\//, ''), version, license, integrity, texts };
    }),
  );
}
