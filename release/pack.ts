import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { type ArchivedFile, tarGz, zip } from './archive.ts';
import { archiveName, executableName, executablePath, NODE_LICENSE } from './executable-path.ts';
import { krewManifest } from './krew.ts';
import { TARGETS } from './node-packages.ts';

const tag = `v${packageJson.version}`;

/**
 * Packs every built executable, with its licenses and completions, into an archive in the directory. If the executables for
 * all platforms were built, it also writes krew's manifest.
 */
export async function packExecutables(directory: string): Promise<void> {
  const epoch =
    process.env['SOURCE_DATE_EPOCH'] ?? execFileSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' });
  const modifiedAt = new Date(Number(epoch) * 1000);
  const built = TARGETS.filter((target) => existsSync(executablePath(target)));
  if (built.length === 0)
    throw new Error('Cannot pack executables: none is built; run `npm run build:executable` first');
  const common = await commonFiles();
  const sums = new Map<string, string>();
  for (const target of built) {
    const executable = await readFile(executablePath(target));
    const files = [...common, { name: executableName(target), data: executable, isExecutable: true }];
    const archive = archiveName(target, tag);
    const bytes = archive.endsWith('.zip') ? zip(files, modifiedAt) : await tarGz(files, modifiedAt);
    await writeFile(join(directory, archive), bytes);
    sums.set(archive, createHash('sha256').update(bytes).digest('hex'));
  }
  if (built.length < TARGETS.length) return;

  const manifest = krewManifest(await readFile('.krew.yaml', 'utf8'), tag, (archive) => {
    const sha256 = sums.get(archive);
    if (sha256 === undefined) throw new Error(`Cannot write krew's manifest: .krew.yaml names ${archive}`);
    return sha256;
  });
  // krew requires that the file has the plugin's name.
  await writeFile(join(directory, 'gateway-name.yaml'), manifest);
}

async function commonFiles(): Promise<readonly ArchivedFile[]> {
  return [
    { name: 'LICENSE', data: await readFile('LICENSE') },
    { name: 'LICENSE.nodejs', data: await readFile(NODE_LICENSE) },
    { name: 'THIRD_PARTY_LICENSES', data: await readFile('dist/THIRD_PARTY_LICENSES') },
    { name: 'completions/gateway-name-webhook.bash', data: completion('bash') },
    { name: 'completions/_gateway-name-webhook', data: completion('zsh') },
    { name: 'completions/gateway-name-webhook.fish', data: completion('fish') },
  ];
}

function completion(shell: string): Uint8Array {
  return execFileSync(process.execPath, ['dist/main.js', 'completion', shell]);
}
