import { readFile } from 'node:fs/promises';
import { samplesOf } from '../../src/kubernetes/prometheus-text.ts';
import { type Counts, increase } from '../cluster/counts.ts';
import type { ApiServer } from './api-server.ts';
import { kubectl } from './program.ts';
import type { Settings } from './settings.ts';

/** Matches the names of entries. */
const ENTRY = /\.gateway-name-webhook$/;

/** The API server's own record of its calls to the webhook. */
export interface Calls {
  /** How often it failed open, by entry: `apiserver_admission_webhook_fail_open_count`. */
  readonly failOpens: Counts;
  /** Calls with a status other than 200, by entry and status: `apiserver_admission_webhook_request_total`. */
  readonly failed: Counts;
  /** Its log lines for failed calls. */
  readonly causes: readonly string[];
}

/** Watches calls from now on; the returned function reports them. */
export async function watchCalls(api: ApiServer, settings: Settings): Promise<() => Promise<Calls>> {
  const before = await read(api, settings);
  return async () => {
    const after = await read(api, settings);
    return {
      failOpens: increase(before.failOpens, after.failOpens),
      failed: increase(before.failed, after.failed),
      causes: after.causes.slice(before.causes.length),
    };
  };
}

async function read(api: ApiServer, { apiServerLog }: Settings): Promise<Calls> {
  const { body } = await api.send('GET', '/metrics');
  const failOpens = samplesOf(body, 'apiserver_admission_webhook_fail_open_count');
  const calls = samplesOf(body, 'apiserver_admission_webhook_request_total');
  const ours = ({ labels }: { labels: Readonly<Record<string, string>> }) => ENTRY.test(labels['name'] ?? '');
  const sum = (entries: readonly (readonly [string, number])[]) => {
    const counts: Record<string, number> = {};
    for (const [key, value] of entries) counts[key] = (counts[key] ?? 0) + value;
    return counts;
  };
  return {
    failOpens: sum(failOpens.filter(ours).map(({ labels, value }) => [`${labels['name']}`, value])),
    failed: sum(
      calls
        .filter((sample) => ours(sample) && sample.labels['code'] !== '200')
        .map(({ labels, value }) => [`${labels['name']} ${labels['code']}`, value]),
    ),
    causes: causesIn(await logOf(apiServerLog)),
  };
}

/** The log of the API server if it is a Pod, as in kind and kubeadm; otherwise empty. */
function logOf(file: string | undefined): Promise<string> {
  if (file) return readFile(file, 'utf8');
  const selector = ['--selector', 'component=kube-apiserver', '--tail', '-1'];
  return kubectl(['logs', '--namespace', 'kube-system', ...selector]).catch(() => '');
}

function causesIn(log: string): string[] {
  return log
    .split('\n')
    .filter((line) => /failed calling webhook/i.test(line) && line.includes('.gateway-name-webhook'));
}
