import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Finds a program: in a folder if one is given, then in the PATH. */
export function findProgram(name: string, folder?: string): string | undefined {
  const folders = [folder, ...(process.env['PATH'] ?? '').split(delimiter)].filter((path) => path !== undefined);
  return folders.map((path) => resolve(join(path, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
