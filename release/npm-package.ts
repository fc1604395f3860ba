import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };

/**
 * Writes what npm publishes into a new folder: the bundle, and a package.json without dependencies, which are in the bundle.
 * Source maps stay out: they are two thirds of it.
 */
export async function writeNpmPackage(bundle: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await cp(bundle, join(folder, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.map') });
  for (const file of ['LICENSE', 'README.md']) await copyFile(file, join(folder, file));
  const { name, version, description, license, repository, type, engines, bin, files } = packageJson;
  const published = { name, version, description, license, repository, type, engines, bin, files };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
}
