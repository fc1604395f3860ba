import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Labels } from './objects.ts';
import { kubectl, kubectlJson } from './program.ts';
import type { Settings } from './settings.ts';

/** A Pod spec that runs a script with the Node.js of the webhook's image. */
function nodePod({ repository, tag }: Settings, script: string, args: readonly string[] = []) {
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'node',
        image: `${repository}:${tag}`,
        command: ['/nodejs/bin/node', '--input-type=module', '--eval', script, ...args],
      },
    ],
  };
}

/** A script that does nothing until it is terminated. */
const SLEEP = 'setInterval(() => {}, 1000);';

interface RunningPod {
  readonly labels?: Labels;
  readonly script?: string;
  readonly args?: readonly string[];
}

/** Creates a Pod that sleeps or runs an endless script; resolves with its name when it is ready. */
export async function runningPod(
  settings: Settings,
  namespace: string,
  { labels = {}, script = SLEEP, args = [] }: RunningPod = {},
): Promise<string> {
  const name = `unrelated-${randomUUID().slice(0, 8)}`;
  const metadata = { name, namespace, labels };
  await kubectl(['create', '--filename', '-'], {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata, spec: nodePod(settings, script, args) },
  });
  await kubectl(['wait', '--for=condition=Ready', `pod/${name}`, '--namespace', namespace, '--timeout=1m']);
  return name;
}

/** Creates a Deployment of one Pod with these labels; resolves with the labels of its Pod when it is ready. */
export async function deploymentPodLabels(settings: Settings, namespace: string, given: Labels): Promise<Labels> {
  const labels = { app: 'envoy', ...given };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'envoy', namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: nodePod(settings, SLEEP) },
    },
  };
  await kubectl(['create', '--filename', '-'], deployment);
  await kubectl(['rollout', 'status', 'deployment/envoy', '--namespace', namespace, '--timeout=1m']);
  const pods = await kubectlJson<{ items: readonly { metadata: { labels: Labels } }[] }>([
    ...['get', 'pods', '--namespace', namespace, '--selector', 'app=envoy'],
  ]);
  const [pod] = pods.items;
  if (!pod) throw new Error('The Deployment has no Pod');
  return pod.metadata.labels;
}

/** Runs a script in a Pod and returns its output. Rejects with the output if it fails. */
export async function runInPod(
  settings: Settings,
  namespace: string,
  script: string,
  args: readonly string[],
): Promise<string> {
  const name = `script-${randomUUID().slice(0, 8)}`;
  const spec = { ...nodePod(settings, script, args), restartPolicy: 'Never' };
  await kubectl(['create', '--filename', '-'], { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec });
  for (let waited = 0; waited < SCRIPT_TIMEOUT_MS; waited += ASK_AGAIN_MS) {
    const phase = await kubectl(['get', 'pod', name, '--namespace', namespace, '--output', 'jsonpath={.status.phase}']);
    if (phase === 'Succeeded' || phase === 'Failed') {
      const printed = await kubectl(['logs', name, '--namespace', namespace]);
      if (phase === 'Failed') throw new Error(`The script failed: ${printed}`);
      return printed;
    }
    await sleep(ASK_AGAIN_MS);
  }
  throw new Error(`The Pod ${name} has not ended within ${SCRIPT_TIMEOUT_MS / 1000} s`);
}

const SCRIPT_TIMEOUT_MS = 60_000;
const ASK_AGAIN_MS = 500;
