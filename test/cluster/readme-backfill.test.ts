import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { documentedBlock, stepsOf } from '../support/documented.ts';
import { program } from '../support/program.ts';
import { describeCluster, test } from './cluster-test.ts';
import { cluster, kubectl } from './kubectl.ts';
import { type KubernetesObject, STANDARD } from './objects.ts';

const NAMESPACE = 'envoy-gateway-system';

/** An object as Envoy Gateway's reviews recorded it. */
async function recorded(file: string, name?: string): Promise<KubernetesObject> {
  const text = await readFile(new URL(`../fixtures/reviews/${file}.json`, import.meta.url), 'utf8');
  const { apiVersion, kind, metadata, spec } = JSON.parse(text).request.object;
  const { labels, ownerReferences, name: ownName } = metadata;
  return { apiVersion, kind, metadata: { namespace: NAMESPACE, name: name ?? ownName, labels, ownerReferences }, spec };
}

/** Runs a command on the README's namespace alone: the other tests' objects are in the same cluster. */
function run(command: string): Promise<{ readonly exitCode: number; readonly stdout: string }> {
  const args = command.replace('-A', `-n ${NAMESPACE}`).split(' ');
  const env = { KUBECONFIG: cluster().kubeconfig };
  return new Promise((resolve) => {
    execFile(...program(args), { env }, (error, stdout) => {
      resolve({ exitCode: Number(error?.code ?? 0), stdout });
    });
  });
}

/** Ages differ, and columns with them. */
function withoutAge(output: string): string {
  return output.replaceAll(/\b\d+[smhd]( |$)/gm, 'AGE ').replaceAll(/ {2,}/g, '  ');
}

describeCluster('what the README shows of audit, backfill and list', () => {
  test('is what they print', async ({ onTestFinished }) => {
    const items = [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
      await recorded('envoy-serviceaccount'),
      await recorded('envoy-service'),
      await recorded('envoy-pod-generate-name', 'envoy-shop-eg-84fd7606-5dd566fd7b-x2x7f'),
      {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { namespace: NAMESPACE, name: 'eg' },
        spec: { minAvailable: 1, selector: { matchLabels: { [STANDARD]: 'eg' } } },
      },
    ];
    await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    // No namespace goes away here: there is no controller for that.
    onTestFinished(async () => {
      await kubectl(['delete', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: items.slice(1) });
    });

    const steps = stepsOf(await documentedBlock('README.md', 'console', '$ gateway-name-webhook audit -A'));
    expect(steps.map(({ command }) => command)).toEqual(['audit -A', 'backfill -A', 'audit -A --check', 'list eg -A']);
    for (const { command, output } of steps) {
      const { exitCode, stdout } = await run(command);
      // backfill works at several objects at once, and prints each when it is done.
      const [printed, shown] = [stdout, output].map((text) => {
        const lines = withoutAge(text).split('\n');
        return command.startsWith('backfill') ? lines.toSorted() : lines;
      });
      expect({ exitCode, printed }).toEqual({ exitCode: 0, printed: shown });
    }
  });
});
