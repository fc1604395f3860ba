import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Finds a program: first in a directory, if one is given, then in the PATH. */
export function findProgram(name: string, directory?: string): string | undefined {
  const directories = [directory, ...(process.env['PATH'] ?? '').split(delimiter)].filter((path) => path !== undefined);
  return directories.map((path) => resolve(join(path, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
