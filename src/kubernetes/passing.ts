import type { ApiCaller } from './api-caller.ts';
import { ApiError, isOfWebhook } from './api-error.ts';

/** Too many requests; and what an API server says that is starting, ending, overloaded, or without its etcd. */
const PASSING = new Set([429, 500, 502, 503, 504]);

/**
 * Tells whether a call that failed may succeed when it is made again.
 *
 * No answer is a reason to ask again only of an API server that has answered before: a wrong kubeconfig is told at once.
 */
export function mayPass(error: unknown, { hasAnswered }: Pick<ApiCaller, 'hasAnswered'>): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return error.code === undefined ? hasAnswered : PASSING.has(error.code) && !isOfWebhook(error);
}
