import { inject } from 'vitest';
import { type Cluster, type Outcome, runKubectl } from './run-kubectl.ts';

/** Returns the control plane that the global setup started. Throws if there is none: tests that need it must be skipped. */
export function cluster(): Cluster {
  const provided = inject('cluster');
  if (!provided) throw new Error('Cannot run without a cluster: KUBEBUILDER_ASSETS is not set');
  return provided;
}

/** Runs kubectl against the tests' cluster. It may fail. `manifest` is its standard input, for `-f -`. */
export function tryKubectl(args: readonly string[], manifest?: unknown): Promise<Outcome> {
  return runKubectl(cluster(), args, manifest);
}

/** Runs kubectl against the tests' cluster and returns what it printed. Rejects if it fails. */
export async function kubectl(args: readonly string[], manifest?: unknown): Promise<string> {
  const { exitCode, stdout, stderr } = await tryKubectl(args, manifest);
  if (exitCode !== 0) throw new Error(`Cannot kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
