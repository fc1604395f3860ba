import type { AdmissionCounters, EntryCounters, PolicyCounters } from '../installation/counters.ts';
import { NoAccess } from './access.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { type Sample, samplesOf } from './prometheus-text.ts';

/** Metrics are not a resource: a ClusterRole that every cluster has grants access to them. */
const NO_METRICS =
  'You are not allowed to get /metrics from the API server. Ask a cluster admin to run, with your user name:\n' +
  '  kubectl create clusterrolebinding gateway-name-webhook-metrics --clusterrole=system:monitoring --user=NAME';

/**
 * Reads the API server's counts for these entries since it started; if there are several API servers, of the one that answers.
 * Rejects with a NoAccess if that is forbidden.
 */
export async function readAdmissionCounters(client: ApiClient, entries: readonly string[]): Promise<AdmissionCounters> {
  const metrics = await readMetrics(client);
  const calls = samplesOf(metrics, 'apiserver_admission_webhook_request_total');
  const failOpens = samplesOf(metrics, 'apiserver_admission_webhook_fail_open_count');
  return { since: startOf(metrics), entries: entries.map((name) => countersOf(name, calls, failOpens)) };
}

/**
 * Reads how often the API server has used a policy since it started, by outcome: `no_error`, or the kind of error. Rejects
 * with a NoAccess if that is forbidden.
 */
export async function readPolicyCounters(client: ApiClient, policy: string): Promise<PolicyCounters> {
  const metrics = await readMetrics(client);
  const checks = samplesOf(metrics, 'apiserver_mutating_admission_policy_check_total');
  const own = checks.filter(({ labels }) => labels['policy'] === policy);
  const uses = Object.fromEntries(own.map(({ labels, value }) => [String(labels['error_type']), value]));
  return { since: startOf(metrics), uses };
}

/** When the API server that answered was started: it identifies whose counts these are. */
function startOf(metrics: string): string {
  const [started] = samplesOf(metrics, 'process_start_time_seconds');
  if (!started) throw new ApiError('The API server answered GET /metrics without process_start_time_seconds', 200);
  return new Date(started.value * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

async function readMetrics(client: ApiClient): Promise<string> {
  try {
    return await client.text({ path: '/metrics', accept: 'text/plain' });
  } catch (error) {
    if (error instanceof ApiError && error.code === 403) throw new NoAccess(NO_METRICS, { cause: error });
    throw error;
  }
}

function countersOf(name: string, calls: readonly Sample[], failOpens: readonly Sample[]): EntryCounters {
  const isOwn = ({ labels }: Sample) => labels['name'] === name;
  const byCode = Map.groupBy(calls.filter(isOwn), ({ labels }) => String(labels['code']));
  return {
    name,
    failOpens: sum(failOpens.filter(isOwn)),
    calls: Object.fromEntries([...byCode].map(([code, samples]) => [code, sum(samples)])),
  };
}

function sum(samples: readonly Sample[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}
