import type { ReceivedAnswer } from '../doctor/review-answer.ts';
import type { CalledServicePath } from '../doctor/webhook-configuration.ts';
import type { ApiClient } from './api-client.ts';

/**
 * Has the API server pass a review on to a Service: it connects to one of the Pods, from the control plane, as it does for
 * admission, but trusts any certificate. Rejects when the API server does not answer in time.
 */
export function proxiedReview(
  client: ApiClient,
  { namespace, name, port, path = '/' }: CalledServicePath,
  review: object,
): Promise<ReceivedAnswer> {
  const service = `/api/v1/namespaces/${namespace}/services/https:${name}:${port}`;
  return client.post({ path: `${service}/proxy${path}` }, review);
}
