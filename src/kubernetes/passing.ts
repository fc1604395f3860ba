import type { ApiCaller } from './api-caller.ts';
import { ApiError, isOfWebhook } from './api-error.ts';

/** Too many requests, and the codes of an API server that is starting, stopping, overloaded, or without etcd. */
const PASSING = new Set([429, 500, 502, 503, 504]);

/**
 * Reports whether a failed call may succeed when it is repeated.
 *
 * A missing answer is only retried if the API server has answered before: a wrong kubeconfig is reported immediately.
 */
export function mayPass(error: unknown, { hasAnswered }: Pick<ApiCaller, 'hasAnswered'>): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return error.code === undefined ? hasAnswered : PASSING.has(error.code) && !isOfWebhook(error);
}
