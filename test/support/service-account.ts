import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './folder.ts';

/** Writes what a kubelet mounts into a container, and returns the directory. */
export function writeServiceAccount({
  ca,
  token = 'a-token',
}: {
  readonly ca: string;
  readonly token?: string;
}): string {
  const directory = temporaryFolder();
  writeFileSync(join(directory, 'ca.crt'), ca);
  // With the end of line that some people's tools add.
  writeFileSync(join(directory, 'token'), `${token}\n`);
  return directory;
}

/** The variables by which a container finds an API server. */
export function podEnvironment({ url }: { readonly url: string }) {
  const { hostname, port } = new URL(url);
  return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
}
