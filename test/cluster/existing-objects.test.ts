import { execFile } from 'node:child_process';
import { expect } from 'vitest';
import { documentedBlock, stepsOf } from '../support/documented.ts';
import { program } from '../support/program.ts';
import { describeCluster, test } from './cluster-test.ts';
import { cluster, kubectl } from './kubectl.ts';
import { STANDARD } from './objects.ts';
import { recordedObject, withoutAge } from './recorded-objects.ts';

const NAMESPACE = 'envoy-gateway-system';

/** Runs a command on the page's namespace alone: the other tests' objects are in the same cluster. */
function run(command: string): Promise<{ readonly exitCode: number; readonly stdout: string }> {
  const args = command.replace('-A', `-n ${NAMESPACE}`).split(' ');
  const env = { KUBECONFIG: cluster().kubeconfig };
  return new Promise((resolve) => {
    execFile(...program(args), { env }, (error, stdout) => {
      resolve({ exitCode: Number(error?.code ?? 0), stdout });
    });
  });
}

describeCluster('what docs/existing-objects.md shows of audit, backfill and list', () => {
  test('is what they print', async ({ onTestFinished }) => {
    const items = [
      await recordedObject('envoy-serviceaccount', NAMESPACE),
      await recordedObject('envoy-service', NAMESPACE),
      await recordedObject('envoy-pod-generate-name', NAMESPACE, 'envoy-shop-eg-84fd7606-5dd566fd7b-x2x7f'),
      {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { namespace: NAMESPACE, name: 'eg' },
        spec: { minAvailable: 1, selector: { matchLabels: { [STANDARD]: 'eg' } } },
      },
    ];
    // Others may have made it: no namespace goes away here, as there is no controller for that.
    await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    onTestFinished(async () => {
      await kubectl(['delete', '--grace-period=0', '--force', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    });

    const steps = stepsOf(documentedBlock('docs/existing-objects.md', 'console'));
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
