import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredCertificates } from './plan.ts';

const FILES = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'] as const;

/** Reads the files of a certificate directory. A missing directory counts as empty. */
export async function readDirectory(directory: string): Promise<StoredCertificates> {
  const texts = await Promise.all(FILES.map((file) => readIfThere(join(directory, file))));
  return Object.fromEntries(FILES.map((file, index) => [file, texts[index]]));
}

/**
 * Writes files of a certificate directory, atomically and one after the other; only the owner may read keys.
 *
 * Keys come first: a certificate without its key is worse than a key without its certificate.
 */
export async function writeDirectory(directory: string, files: StoredCertificates): Promise<void> {
  await mkdir(directory, { recursive: true });
  const keysFirst = Object.entries(files).sort(([a], [b]) => Number(b.endsWith('.key')) - Number(a.endsWith('.key')));
  for (const [file, text] of keysFirst) {
    await replaceFile(join(directory, file), text, file.endsWith('.key') ? 0o600 : 0o644);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a temporary file and renames it, so that no reader sees half a file. */
async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const beside = `${path}.${process.pid}.new`;
  try {
    await writeFile(beside, text, { mode, flush: true });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
