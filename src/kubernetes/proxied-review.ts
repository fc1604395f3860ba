import type { CalledServicePath } from '../installation/configuration.ts';
import type { ApiAnswer } from './api-answer.ts';
import type { ApiClient } from './api-client.ts';

/**
 * Has the API server pass a review on to a Service: it connects to one of the Pods, from the control plane, as it does for
 * admission, but trusts any certificate. Rejects when the API server does not answer in time.
 */
export function proxiedReview(
  client: ApiClient,
  { namespace, name, port, path = '/' }: CalledServicePath,
  review: object,
): Promise<ApiAnswer> {
  const service = `/api/v1/namespaces/${namespace}/services/https:${name}:${port}`;
  return client.post({ path: `${service}/proxy${path}` }, review);
}
