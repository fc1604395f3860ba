import { clockProblem } from '../certificates/clock.ts';
import { TIMING } from '../certificates/timing.ts';
import type { Outcome } from '../installation/outcome.ts';
import type { Judgement } from './check.ts';
import { faultOf } from './fault.ts';

/** The part of /version that is read. */
export interface ApiServerVersion {
  readonly gitVersion?: string;
}

const ADVICE = {
  refused: 'Check that it is up, and that this is the right cluster (--context).',
  timeout: 'Check for a firewall or VPN in between, and that this is the right cluster (--context).',
  tls: "Check that the kubeconfig has the cluster's CA, and that nothing in between terminates TLS.",
  forbidden: 'Log in again: the API server rejects the credentials in the kubeconfig.',
  'wrong-answer':
    'Something other than an API server answered: check `server` in the kubeconfig, and proxies in between.',
  missing:
    'The name does not resolve, or something other than an API server answered: check `server` in the kubeconfig.',
  changed: undefined,
} as const;

/** Judges whether the API server answers. If not, nothing else can be checked. */
export function judgeApiServer({ problem, value }: Outcome<ApiServerVersion | undefined>): Judgement {
  const name = 'reachable';
  if (value?.gitVersion !== undefined) {
    return { name, status: 'ok', message: `the API server answers (${value.gitVersion})` };
  }
  const message = problem?.message ?? 'The API server did not report its version';
  const fault = problem ? faultOf(problem) : 'wrong-answer';
  return { name, status: 'failure', class: fault, message, advice: ADVICE[fault] };
}

/** Says that this machine's clock is wrong, or the API server's, by how many ms this one is ahead. */
export function judgeClock(aheadMs: number | undefined): Judgement[] {
  const problem = clockProblem(aheadMs, TIMING);
  if (problem === undefined) return [];
  const message = `on this machine, ${problem}; certificates are checked against the API server's clock`;
  const advice = "If the API server's clock is wrong, correct it (NTP): no replica becomes ready until then.";
  return [{ name: 'clock', status: 'note', message, advice }];
}
