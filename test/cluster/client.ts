import { ApiClient, BULK_TIMEOUT_MS } from '../../src/kubernetes/api-client.ts';
import { cluster } from './kubectl.ts';

/** Creates a client of a cluster, by default of the tests' cluster. */
export function clientOf(kubeconfig: string = cluster().kubeconfig): ApiClient {
  return new ApiClient({ kubeconfig }, {}, BULK_TIMEOUT_MS);
}
