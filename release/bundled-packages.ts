import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** A package of npm that is in the bundle, whole or in part. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string | undefined;
  /** As in the lockfile: the algorithm and the digest of the archive in the registry. */
  readonly integrity: string;
  /** The license files that it brings. */
  readonly texts: readonly string[];
}

/** Packages whose published files hold others, which esbuild therefore does not see. */
const HOLDING: Readonly<Record<string, readonly string[]>> = {
  'node_modules/jsonpath-plus': [
    'node_modules/jsep',
    'node_modules/@jsep-plugin/assignment',
    'node_modules/@jsep-plugin/regex',
  ],
};

const LICENSE_FILE = /^(un)?licen[cs]e|^copying|^notice/i;

/** Returns the folders of packages that a bundle was made of, in the order of their names. */
export function bundledFolders({ outputs }: Pick<Metafile, 'outputs'>): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const folders = inputs.flatMap((path) => /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []);
  return [...new Set(folders.flatMap((folder) => [folder, ...(HOLDING[folder] ?? [])]))].sort();
}

/** Returns what the lockfile and the folders say of the packages in a bundle. */
export async function bundledPackages(metafile: Pick<Metafile, 'outputs'>): Promise<BundledPackage[]> {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'));
  return Promise.all(
    bundledFolders(metafile).map(async (folder) => {
      const { version, license, integrity } = packages[folder];
      const files = (await readdir(folder)).filter((file) => LICENSE_FILE.test(file)).sort();
      const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
      return { name: folder.replace(/^.*node_modules\//, ''), version, license, integrity, texts };
    }),
  );
}
