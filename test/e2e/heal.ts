import { NAME } from './installation.ts';
import { kubectl, kubectlJson } from './program.ts';

const IN_NAMESPACE = ['--namespace', NAME];

interface PodList {
  readonly items: readonly {
    readonly status: {
      readonly containerStatuses: readonly { readonly state: { readonly terminated: { readonly message: string } } }[];
    };
  }[];
}

/** Runs a Job of the CronJob immediately. Returns the termination message of its Pod. */
export async function healNow(name: string): Promise<string> {
  await kubectl(['create', 'job', name, `--from=cronjob/${NAME}-heal`, ...IN_NAMESPACE]);
  await kubectl(['wait', '--for=condition=Complete', `job/${name}`, ...IN_NAMESPACE, '--timeout=1m']);
  const { items } = await kubectlJson<PodList>(['get', 'pods', '--selector', `job-name=${name}`, ...IN_NAMESPACE]);
  return items
    .flatMap(({ status }) => status.containerStatuses)
    .map(({ state }) => state.terminated.message)
    .join('');
}
