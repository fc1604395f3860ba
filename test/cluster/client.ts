import { KubeConfig } from '@kubernetes/client-node';
import { ApiClient, BULK_TIMEOUT_MS } from '../../src/kubernetes/api-client.ts';
import { cluster } from './kubectl.ts';

/** A client of a cluster, by default the tests'. */
export function clientOf(kubeconfig: string = cluster().kubeconfig): ApiClient {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfig);
  return new ApiClient(kubeConfig, BULK_TIMEOUT_MS);
}
