import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };

/**
 * Writes the npm package into a new directory: the bundle, and a package.json without dependencies, because they are in the
 * bundle. Source maps are excluded: they are two thirds of its size.
 */
export async function writeNpmPackage(bundle: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await cp(bundle, join(directory, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.map') });
  for (const file of ['LICENSE', 'README.md']) await copyFile(file, join(directory, file));
  const { name, version, description, license, repository, type, engines, bin, files } = packageJson;
  const published = { name, version, description, license, repository, type, engines, bin, files };
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
}
