import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './temporary-directory.ts';

/** Writes the files that the kubelet mounts for a ServiceAccount, and returns the directory. */
export function writeServiceAccount({
  ca,
  token = 'a-token',
}: {
  readonly ca: string;
  readonly token?: string;
}): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'ca.crt'), ca);
  // With a trailing newline, which some tools add.
  writeFileSync(join(directory, 'token'), `${token}\n`);
  return directory;
}

/** The environment variables of a Pod in the cluster of a kubeconfig. */
export function environmentOfPod(kubeconfig: string) {
  const { cluster } = JSON.parse(readFileSync(kubeconfig, 'utf8')).clusters[0];
  const ca = Buffer.from(cluster['certificate-authority-data'], 'base64').toString();
  return {
    ...podEnvironment({ url: cluster.server }),
    HOME: temporaryDirectory(),
    GATEWAY_NAME_WEBHOOK_SERVICE_ACCOUNT: writeServiceAccount({ ca }),
  };
}

/** The environment variables with which a container finds the API server. */
export function podEnvironment({ url }: { readonly url: string }) {
  const { hostname, port } = new URL(url);
  return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
}
