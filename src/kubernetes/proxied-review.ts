import type { CalledServicePath } from '../installation/configuration.ts';
import type { ApiAnswer } from './api-answer.ts';
import type { ApiClient } from './api-client.ts';

/**
 * Sends a review to a Service through the API server's proxy: it connects to one of the Pods from the control plane, as for
 * admission, but trusts any certificate. Rejects if the API server does not answer in time.
 */
export function proxiedReview(
  client: ApiClient,
  { namespace, name, port, path = '/' }: CalledServicePath,
  review: object,
): Promise<ApiAnswer> {
  const service = `/api/v1/namespaces/${namespace}/services/https:${name}:${port}`;
  return client.post({ path: `${service}/proxy${path}` }, review);
}
