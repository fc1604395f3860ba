import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { samplesOf } from '../../src/kubernetes/prometheus-text.ts';
import type { ApiServer } from './api-server.ts';
import { type Pod, webhookPods } from './installation.ts';
import { podMetrics } from './pod-metrics.ts';
import { run } from './program.ts';
import type { Settings } from './settings.ts';

const KILL_CONTAINER = fileURLToPath(new URL('kill-container', import.meta.url));

/**
 * Sends SIGKILL to the webhook's process in a Pod. From inside nobody can: the process is the first of its container,
 * and the kernel spares it. So it takes somebody who sees the node's processes, which E2E_KILL names.
 */
export async function killProcessOf({ metadata: { uid } }: Pod, { killCommand }: Settings): Promise<void> {
  await run('sh', ['-c', `${killCommand ?? KILL_CONTAINER} "$1"`, 'sh', uid]);
}

/** So long is counted which Pod answers most: the API server keeps few connections, and some Pods may have none. */
const COUNT_MS = 2_000;

/** The Pod that answers most reviews now, through the load that is going on. */
export async function busiestPod(api: ApiServer): Promise<Pod> {
  const pods = await webhookPods();
  const before = await Promise.all(pods.map((pod) => decisions(api, pod)));
  await sleep(COUNT_MS);
  const after = await Promise.all(pods.map((pod) => decisions(api, pod)));
  const answered = after.map((count, index) => count - Number(before[index]));
  const busiest = pods[answered.indexOf(Math.max(...answered))];
  if (!busiest) throw new Error('The webhook has no Pod');
  return busiest;
}

async function decisions(api: ApiServer, pod: Pod): Promise<number> {
  const samples = samplesOf(await podMetrics(api, pod), 'gateway_name_webhook_decisions_total');
  return samples.reduce((sum, { value }) => sum + value, 0);
}
