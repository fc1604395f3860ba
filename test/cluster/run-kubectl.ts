import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** What the tests know of the control plane that the global setup started. */
export interface Cluster {
  /** The folder of etcd, kube-apiserver and kubectl. */
  readonly assets: string;
  /** Where etcd listens, by plain HTTP and without credentials. */
  readonly etcdUrl: string;
  readonly kubeconfig: string;
  /** A PEM file: the API server's own CA. */
  readonly certificateAuthority: string;
  /** A file of one JSON object a line: the audit events of writes to the webhook's kinds. */
  readonly auditLog: string;
  /** Whether Deployments get Pods: setup-envtest's assets have no controller manager. */
  readonly hasControllers: boolean;
  /** The version in which MutatingAdmissionPolicy is served; undefined where it is not. */
  readonly policyVersion: string | undefined;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null on a machine without KUBEBUILDER_ASSETS. */
    readonly cluster: Cluster | null;
  }
}

/** How a run of kubectl ended, and what it printed. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl, whatever comes of it. `manifest` is what `-f -` reads. */
export function runKubectl(
  { assets, kubeconfig }: Pick<Cluster, 'assets' | 'kubeconfig'>,
  args: readonly string[],
  manifest?: unknown,
): Promise<Outcome> {
  // No settings and no cache in anybody's home folder. `kubectl diff` finds diff in the PATH.
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
    // A kubectl that ends before it has read: its exit code tells more than EPIPE.
    child.stdin?.on('error', () => {});
    child.stdin?.end(manifest === undefined ? '' : JSON.stringify(manifest));
  });
}
