import { gzipSync, type Zippable, zipSync } from 'fflate';
import { packTar } from 'modern-tar';

export interface ArchivedFile {
  readonly name: string;
  readonly data: Uint8Array;
  readonly isExecutable?: boolean;
}

/** Packs files as a .tar.gz. The same files give the same bytes on every machine. */
export async function tarGz(files: readonly ArchivedFile[], modifiedAt: Date): Promise<Uint8Array> {
  const entries = sorted(files).map(({ name, data, isExecutable = false }) => {
    const mode = isExecutable ? 0o755 : 0o644;
    return { header: { name, size: data.length, mode, mtime: modifiedAt, uid: 0, gid: 0 }, body: data };
  });
  return gzipSync(await packTar(entries), { mtime: modifiedAt });
}

/** Packs files as a .zip. The same files give the same bytes on every machine. */
export function zip(files: readonly ArchivedFile[], modifiedAt: Date): Uint8Array {
  const entries: Zippable = Object.fromEntries(sorted(files).map(({ name, data }) => [name, data]));
  // A .zip file stores local times without a time zone.
  const mtime = new Date(modifiedAt.getTime() + modifiedAt.getTimezoneOffset() * 60_000);
  return zipSync(entries, { mtime });
}

function sorted(files: readonly ArchivedFile[]): readonly ArchivedFile[] {
  return files.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
