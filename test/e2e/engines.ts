import { eventually } from '../cluster/eventually.ts';
import { samplesOf } from '../cluster/prometheus.ts';
import type { ApiServer } from './api-server.ts';
import { NAME } from './installation.ts';
import { kubectl } from './program.ts';

const POLICIES = [`${NAME}-standard`, `${NAME}-owner`];

/** What of the release makes the API server add labels: the kinds that there are. */
export async function installedEngines(): Promise<string> {
  const kinds = ['mutatingwebhookconfigurations', 'mutatingadmissionpolicybindings'];
  const selected = ['--selector', `app.kubernetes.io/instance=${NAME}`];
  const names = await kubectl(['get', kinds.join(','), ...selected, '--output', 'name']);
  const found = names.trim().split('\n');
  return kinds.filter((kind) => found.some((name) => name.startsWith(kind.slice(0, -1)))).join(' and ');
}

/** Resolves when each of the release's policies has added a label, as the API server itself counts. It takes a load. */
export async function untilPoliciesWork(api: ApiServer): Promise<void> {
  const before = await counts(api);
  await eventually('the policies to add labels', async () => {
    const now = await counts(api);
    return POLICIES.every((policy) => (now.get(policy) ?? 0) > (before.get(policy) ?? 0)) || undefined;
  });
}

/** How many objects each policy has changed. */
async function counts(api: ApiServer): Promise<ReadonlyMap<string | undefined, number>> {
  const { body } = await api.send('GET', '/metrics');
  const samples = samplesOf(body, 'apiserver_mutating_admission_policy_check_total');
  const worked = samples.filter(({ labels }) => labels['error_type'] === 'no_error');
  return new Map(worked.map(({ labels, value }) => [labels['policy'], value]));
}
