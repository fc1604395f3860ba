import { fileURLToPath } from 'node:url';
import { eventually } from '../cluster/eventually.ts';
import { kubectl, kubectlJson, run } from './program.ts';
import type { Settings } from './settings.ts';

const CHART = fileURLToPath(new URL('../../charts/gateway-name-webhook', import.meta.url));

/** The release and its namespace, as in the README. All objects of the release have this name, too. */
export const NAME = 'gateway-name-webhook';

const IN_NAMESPACE = ['--namespace', NAME];
const DEPLOYMENTS = ['deployment', '--selector', `app.kubernetes.io/instance=${NAME}`];

export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

/** Installs the chart as users do. The webhook should work when this resolves. */
export async function install(
  { repository, tag, valuesFile }: Settings,
  values: readonly string[] = [],
): Promise<void> {
  const file = valuesFile ? ['--values', valuesFile] : [];
  const image = [`image.repository=${repository}`, `image.tag=${tag}`];
  await helm('install', ['--create-namespace', ...file, ...set([...image, ...values])]);
}

/** Changes values of the release, and keeps the others. */
export async function upgrade(values: readonly string[]): Promise<void> {
  await helm('upgrade', ['--reuse-values', ...set(values)]);
}

function set(values: readonly string[]): string[] {
  // --set has no syntax for an empty list.
  return values.flatMap((value) => [value.endsWith('=[]') ? '--set-json' : '--set', value]);
}

function helm(action: 'install' | 'upgrade', args: readonly string[]): Promise<string> {
  return run('helm', [action, NAME, CHART, ...IN_NAMESPACE, '--wait', '--timeout', '3m', ...args]);
}

/** Uninstalls the release; resolves when its Pods have ended. */
export async function uninstall(): Promise<void> {
  await run('helm', ['uninstall', NAME, ...IN_NAMESPACE, '--wait', '--timeout', '3m', '--ignore-not-found']);
  // Pods of heal's Jobs are deleted later.
  await untilPodsAre(({ length }) => length === 0, releasePods);
}

/** Resolves when the last of the webhook's Pods has ended. */
export async function untilNoPods(): Promise<void> {
  await untilPodsAre(({ length }) => length === 0);
}

/** All objects of the webhook, inside and outside of its namespace. */
export async function leftovers(): Promise<string> {
  const namespaced = 'all,secrets,configmaps,serviceaccounts,roles,rolebindings,poddisruptionbudgets,networkpolicies';
  const policies = ['validating', 'mutating'].flatMap((kind) => [
    `${kind}admissionpolicies`,
    `${kind}admissionpolicybindings`,
  ]);
  const clusterWide = ['mutatingwebhookconfigurations', 'clusterroles', 'clusterrolebindings', ...policies].join();
  const selector = ['--selector', `app.kubernetes.io/name=${NAME}`, '--output', 'name'];
  const left = [
    await kubectl(['get', namespaced, ...IN_NAMESPACE, ...selector]),
    await kubectl(['get', clusterWide, ...selector]),
  ];
  return left.join('');
}

/**
 * Prepares a cluster that does not have the webhook, with a new namespace to create objects in. Returns the function that
 * restores it. Rejects if the webhook is installed: the tests must not touch existing installations.
 */
export async function takeCluster(namespace: string): Promise<() => Promise<void>> {
  const found = await leftovers();
  if (found !== '') throw new Error(`Cannot use this cluster, because the webhook is installed:\n${found}`);
  const own = await kubectl(['get', 'namespace', NAME, '--ignore-not-found', '--output', 'name']);
  await kubectl(['create', 'namespace', namespace]);
  return async () => {
    await uninstall();
    const made = own === '' ? [NAME, namespace] : [namespace];
    await kubectl(['delete', 'namespace', ...made, '--ignore-not-found', '--timeout=2m']);
  };
}

/** Runs the chart's own test. */
export function helmTest(): Promise<string> {
  return run('helm', ['test', NAME, ...IN_NAMESPACE, '--logs', '--timeout', '1m']);
}

/** The webhook's Pods, including terminating ones. */
export function webhookPods(): Promise<readonly Pod[]> {
  return podsOf(`app.kubernetes.io/instance=${NAME},app.kubernetes.io/component in (webhook,webhook-twin)`);
}

function releasePods(): Promise<readonly Pod[]> {
  return podsOf(`app.kubernetes.io/instance=${NAME}`);
}

async function podsOf(selector: string): Promise<readonly Pod[]> {
  const args = ['get', 'pods', ...IN_NAMESPACE, '--selector', selector];
  return (await kubectlJson<{ items: readonly Pod[] }>(args)).items;
}

/** Replaces all Pods, one after the other; resolves when the old ones are gone. */
export async function restart(): Promise<void> {
  await kubectl(['rollout', 'restart', ...DEPLOYMENTS, ...IN_NAMESPACE]);
  await untilRolledOut();
}

/** Any of the webhook's Pods. */
export async function anyPod(): Promise<Pod> {
  const [pod] = await webhookPods();
  if (!pod) throw new Error('The webhook has no Pod');
  return pod;
}

/** Deletes a Pod like a node drain; resolves when another one has replaced it. */
export async function deletePod(pod: Pod): Promise<void> {
  await kubectl(['delete', 'pod', pod.metadata.name, ...IN_NAMESPACE]);
  await untilRolledOut();
}

/** Calls `act`, which terminates the container of a Pod; resolves when all Pods are ready again. */
export async function restartedBy(pod: Pod, act: () => Promise<unknown>): Promise<void> {
  const selected = ['pod', pod.metadata.name, ...IN_NAMESPACE];
  const restarts = async () => {
    const { status } = await kubectlJson<Pod>(['get', ...selected]);
    return Math.max(...(status.containerStatuses ?? []).map(({ restartCount }) => restartCount));
  };
  const before = await restarts();
  await act();
  // The kubelet waits at least ten seconds before it restarts a container that has terminated before.
  await eventually('the container to be started again', async () => (await restarts()) > before || undefined, 60_000);
  await kubectl(['wait', '--for=condition=Ready', ...selected, '--timeout=1m']);
  await untilRolledOut();
}

/** Scales each Deployment; resolves when it has that many replicas. */
export async function scale(replicas: number): Promise<void> {
  await kubectl(['scale', ...DEPLOYMENTS, ...IN_NAMESPACE, `--replicas=${replicas}`]);
  await untilRolledOut();
}

/** Resolves when the Deployments are up to date, and no Pod is terminating. */
export async function untilRolledOut(): Promise<void> {
  await kubectl(['rollout', 'status', ...DEPLOYMENTS, ...IN_NAMESPACE, '--timeout=3m']);
  await untilPodsAre((pods) => pods.every(({ metadata }) => !metadata.deletionTimestamp));
}

/** A Pod has 30 s to terminate. */
const END_TIMEOUT_MS = 60_000;

async function untilPodsAre(expected: (pods: readonly Pod[]) => boolean, pods = webhookPods): Promise<void> {
  await eventually('Pods to end', async () => expected(await pods()) || undefined, END_TIMEOUT_MS);
}

/** Returns what a user would check first: Pods, logs and events. */
export async function diagnosis(): Promise<string> {
  const commands = [
    ['get', 'pods', ...IN_NAMESPACE, '--output', 'wide'],
    ['logs', ...IN_NAMESPACE, '--selector', `app.kubernetes.io/name=${NAME}`, '--prefix', '--tail', '30'],
    ['get', 'events', ...IN_NAMESPACE, '--sort-by', '.lastTimestamp'],
  ];
  const said = await Promise.all(commands.map((args) => kubectl(args).catch((error: Error) => error.message)));
  return commands.map((args, index) => `$ kubectl ${args.join(' ')}\n${said[index]}`).join('\n');
}
