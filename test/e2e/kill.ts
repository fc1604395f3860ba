import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { samplesOf } from '../../src/kubernetes/prometheus-text.ts';
import type { ApiServer } from './api-server.ts';
import { type Pod, webhookPods } from './installation.ts';
import { podMetrics } from './pod-metrics.ts';
import { run } from './program.ts';
import type { Settings } from './settings.ts';

const SIGNAL_CONTAINER = fileURLToPath(new URL('signal-container', import.meta.url));

/**
 * Sends a signal to the webhook's process in a Pod. This is impossible from inside the container, because the kernel protects
 * PID 1. The command in E2E_KILL has access to the node's processes.
 */
async function signal(name: 'KILL' | 'STOP' | 'CONT', { metadata: { uid } }: Pod, { killCommand }: Settings) {
  await run('sh', ['-c', `${killCommand ?? SIGNAL_CONTAINER} "$1" "$2"`, 'sh', uid, name]);
}

/** Kills the process in a Pod, as the kernel does if it runs out of memory. */
export async function killProcessOf(pod: Pod, settings: Settings): Promise<void> {
  await signal('KILL', pod, settings);
}

/** Makes the process in a Pod hang for this long. */
export async function hang(pod: Pod, settings: Settings, ms: number): Promise<void> {
  await signal('STOP', pod, settings);
  await sleep(ms);
  await signal('CONT', pod, settings);
}

/** How long to count the answers of each Pod: the API server keeps few connections, and some Pods may have none. */
const COUNT_MS = 2_000;

/** The Pod that answers the most reviews under the current load. */
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
