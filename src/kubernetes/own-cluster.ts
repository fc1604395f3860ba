import { ApiCaller } from './api-caller.ts';
import { ApiError } from './api-error.ts';
import type { Environment } from './kubeconfig/load.ts';
import { type PodEnvironment, podConnection } from './pod-connection.ts';

/** What tells a process where its cluster is. */
export type ClusterEnvironment = Environment & PodEnvironment;

/**
 * Opens the cluster of the Pod that this runs in, or the one that kubectl would ask where a kubeconfig is named, or this is no
 * Pod. Rejects when there is none, or what the Pod has from Kubernetes cannot be used: later on, each call may fail by that.
 */
export async function openOwnCluster(environment: ClusterEnvironment, serviceAccount: string): Promise<ApiCaller> {
  const connection = environment['KUBECONFIG'] ? undefined : podConnection(environment, serviceAccount);
  if (!connection) {
    // Only here: in a Pod, none of what reads kubeconfigs is needed.
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
