import { inject } from 'vitest';
import { type Cluster, type Outcome, runKubectl } from './run-kubectl.ts';

/** The control plane that the global setup started. Throws where there is none: who asks is to be skipped. */
export function cluster(): Cluster {
  const provided = inject('cluster');
  if (!provided) throw new Error('Cannot run without a cluster: KUBEBUILDER_ASSETS is not set');
  return provided;
}

/** Runs kubectl against the tests' cluster, whatever comes of it. `manifest` is what `-f -` reads. */
export function tryKubectl(args: readonly string[], manifest?: unknown): Promise<Outcome> {
  return runKubectl(cluster(), args, manifest);
}

/** Runs kubectl against the tests' cluster and returns what it printed. Rejects when it fails. */
export async function kubectl(args: readonly string[], manifest?: unknown): Promise<string> {
  const { exitCode, stdout, stderr } = await tryKubectl(args, manifest);
  if (exitCode !== 0) throw new Error(`Cannot kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
