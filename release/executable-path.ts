import { join } from 'node:path';
import type { Target } from './node-packages.ts';

export const EXECUTABLES = 'artifacts/executables';

/** The licenses of the Node.js in executables, and of the libraries in it. */
export const NODE_LICENSE = join(EXECUTABLES, 'LICENSE.nodejs');

export function executableName(target: Target): string {
  return target.startsWith('windows-') ? 'gateway-name-webhook.exe' : 'gateway-name-webhook';
}

/** The file name of the archive with the executable for a platform, in the release of a tag. */
export function archiveName(target: Target, tag: string): string {
  const extension = target.startsWith('windows-') ? 'zip' : 'tar.gz';
  return `gateway-name-webhook_${tag}_${target.replace('-', '_')}.${extension}`;
}

export function executablePath(target: Target): string {
  return join(EXECUTABLES, target, executableName(target));
}
