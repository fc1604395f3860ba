import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** The control plane that the global setup started. */
export interface Cluster {
  /** The directory of etcd, kube-apiserver and kubectl. */
  readonly assets: string;
  /** The URL of etcd: plain HTTP without credentials. */
  readonly etcdUrl: string;
  readonly kubeconfig: string;
  /** The path of the API server's CA, in PEM. */
  readonly certificateAuthority: string;
  /** The path of the audit log: writes to the webhook's kinds, one JSON object a line. */
  readonly auditLog: string;
  /** Whether Deployments get Pods: setup-envtest's assets have no controller manager. */
  readonly hasControllers: boolean;
  /** The version in which MutatingAdmissionPolicy is served; undefined if it is not served. */
  readonly policyVersion: string | undefined;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null if KUBEBUILDER_ASSETS is not set. */
    readonly cluster: Cluster | null;
  }
}

/** The exit code and the output of kubectl. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl, which may fail. `manifest` is its standard input, for `-f -`. */
export function runKubectl(
  { assets, kubeconfig }: Pick<Cluster, 'assets' | 'kubeconfig'>,
  args: readonly string[],
  manifest?: unknown,
): Promise<Outcome> {
  // Keeps kubectl out of the home directory: neither settings nor cache. `kubectl diff` needs the PATH to find diff.
  const env = { KUBECONFIG: kubeconfig, KUBECACHEDIR: `${kubeconfig}.cache`, KUBERC: 'off', PATH: process.env['PATH'] };
  return new Promise((resolve, reject) => {
    const child = execFile(
      join(assets, 'kubectl'),
      [...args],
      { env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const exitCode = error ? error.code : 0;
        if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr });
        else reject(error);
      },
    );
    // If kubectl ends before it has read its input, its exit code says more than EPIPE.
    child.stdin?.on('error', () => {});
    child.stdin?.end(manifest === undefined ? '' : JSON.stringify(manifest));
  });
}
