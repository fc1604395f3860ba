import { join } from 'node:path';
import type { Target } from './node-packages.ts';

/** Where executables are made. */
export const EXECUTABLES = 'artifacts/executables';

/** The license of the Node.js inside executables, and of what it bundles. */
export const NODE_LICENSE = join(EXECUTABLES, 'LICENSE.nodejs');

/** What the executable of a platform is called. */
export function executableName(target: Target): string {
  return target.startsWith('windows-') ? 'gateway-name-webhook.exe' : 'gateway-name-webhook';
}

/** What the archive with the executable of a platform is called in the release of a tag. */
export function archiveName(target: Target, tag: string): string {
  const extension = target.startsWith('windows-') ? 'zip' : 'tar.gz';
  return `gateway-name-webhook_${tag}_${target.replace('-', '_')}.${extension}`;
}

/** The path of the executable of a platform. */
export function executablePath(target: Target): string {
  return join(EXECUTABLES, target, executableName(target));
}
