import type { Outcome } from '../installation/outcome.ts';
import type { Judgement } from './check.ts';
import { faultOf } from './fault.ts';

/** What is read of what the API server says at /version. */
export interface ApiServerVersion {
  readonly gitVersion?: string;
}

const ADVICE = {
  refused: 'Is it up, and is it the right cluster (--context)?',
  timeout: 'A firewall or a VPN may be in between; is it the right cluster (--context)?',
  tls: "Does the kubeconfig have the cluster's own CA, and is nothing in between that ends TLS?",
  forbidden: 'Log in again: the credentials of the kubeconfig are refused.',
  'wrong-answer': 'What answers is no API server: see `server` in the kubeconfig, and proxies in between.',
  missing: 'What answers is no API server, or nothing has its name: see `server` in the kubeconfig.',
  changed: undefined,
} as const;

/** Judges whether the API server answers. Without it, nothing else can be looked at. */
export function judgeApiServer({ problem, value }: Outcome<ApiServerVersion | undefined>): Judgement {
  const name = 'reachable';
  if (value?.gitVersion !== undefined) {
    return { name, status: 'ok', message: `the API server answers (${value.gitVersion})` };
  }
  const message = problem?.message ?? 'What answers as the API server does not tell its version';
  const fault = problem ? faultOf(problem) : 'wrong-answer';
  return { name, status: 'failure', class: fault, message, advice: ADVICE[fault] };
}
