import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Context } from '../context.ts';

/** Where manifests come from. */
export interface Input {
  readonly name: string;
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** In a directory, kubectl reads files with these extensions; files that are named explicitly can have any. */
const EXTENSIONS: ReadonlySet<string> = new Set(['.json', '.yaml', '.yml']);

/** Larger reads than the default: reading takes half of the time for a JSON file. */
const READ_BYTES = 256 * 1024;

/** Finds what paths name: files, what is in directories, or `-` for standard input. Problems come in the same order. */
export async function findInputs(
  paths: readonly string[],
  isRecursive: boolean,
  stdin: Context['stdin'],
): Promise<(Input | { readonly error: string })[]> {
  const found = paths.map(async (path) => {
    if (path === '-') return [{ name: 'stdin', open: () => stdin }];
    try {
      if (!(await stat(path)).isDirectory()) return [fileInput(path)];
      const files = await manifestsIn(path, isRecursive);
      return files.length > 0 ? files.map(fileInput) : [{ error: `no manifests in ${path}: ${EXPECTED_FILES}` }];
    } catch (error) {
      return [{ error: readProblem(path, error) }];
    }
  });
  return (await Promise.all(found)).flat();
}

const EXPECTED_FILES = `expected files named *.json, *.yaml or *.yml; -R also searches the directories below`;

function fileInput(path: string): Input {
  return { name: path, open: () => createReadStream(path, { highWaterMark: READ_BYTES }) };
}

/** In the order in which kubectl walks a directory. */
async function manifestsIn(directory: string, isRecursive: boolean): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const directories = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  const names = entries.map(({ name }) => name).toSorted();
  const found = names.map(async (name) => {
    const path = join(directory, name);
    if (directories.has(name)) return isRecursive ? manifestsIn(path, true) : [];
    return EXTENSIONS.has(extname(name)) ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
};

/** Says why a file cannot be read. */
export function readProblem(name: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return `cannot read ${name}: ${PROBLEMS[String(code)] ?? message}`;
}
