import { ApiCaller } from './api-caller.ts';
import { ApiError } from './api-error.ts';
import type { Environment } from './kubeconfig/load.ts';
import { type PodEnvironment, podConnection } from './pod-connection.ts';

/** The variables that identify a process's cluster. */
export type ClusterEnvironment = Environment & PodEnvironment;

/**
 * Opens the cluster of the Pod that this runs in, or the one that kubectl would call if KUBECONFIG is set or this is not a Pod.
 * Rejects if there is none, or if the Pod's ServiceAccount is unusable now; later, only single calls fail.
 */
export async function openOwnCluster(environment: ClusterEnvironment, serviceAccount: string): Promise<ApiCaller> {
  const connection = environment['KUBECONFIG'] ? undefined : podConnection(environment, serviceAccount);
  if (!connection) {
    // Loaded only here: Pods do not need the code for kubeconfigs.
    const { ApiClient } = await import('./api-client.ts');
    return new ApiClient({}, environment);
  }
  try {
    await connection.authorize({ headers: {} });
  } catch (cause) {
    throw new ApiError(`Cannot use the Pod's ServiceAccount: ${(cause as Error).message}`, undefined, { cause });
  }
  return new ApiCaller(connection);
}
