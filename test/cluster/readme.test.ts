import { expect } from 'vitest';
import { documentedBlock } from '../support/documented.ts';
import { describeCluster, test } from './cluster-test.ts';
import { kubectl } from './kubectl.ts';
import { OWNER, STANDARD } from './objects.ts';
import { recordedObject, withoutAge } from './recorded-objects.ts';

const NAMESPACE = 'envoy-gateway-system';

/** What the kubelet reports of a Pod with two containers that are ready. */
const RUNNING = {
  phase: 'Running',
  containerStatuses: ['envoy', 'shutdown-manager'].map((name) => ({
    name,
    image: '',
    imageID: '',
    ready: true,
    restartCount: 0,
    state: { running: { startedAt: '2026-11-28T12:00:00Z' } },
  })),
};

describeCluster('the Pods that the README begins with', () => {
  test('are printed so by kubectl, one from before the webhook and one since', async ({ onTestFinished }) => {
    const block = documentedBlock('README.md', 'console');
    const [, command = '', shown = ''] = /^\$ kubectl (.*)\n((?:.*\n)*)/.exec(block) ?? [];
    const [, ...names] = shown
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0] ?? '');
    const [before, since] = await Promise.all(
      names.map((name) => recordedObject('envoy-pod-generate-name', NAMESPACE, name)),
    );
    const labels = { ...since?.metadata.labels, [STANDARD]: String(since?.metadata.labels?.[OWNER]) };
    const items = [before, { ...since, metadata: { ...since?.metadata, labels } }];

    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
    await kubectl(['apply', '-f', '-'], namespace);
    await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    onTestFinished(async () => {
      await kubectl(['delete', '--grace-period=0', '--force', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    });
    for (const name of names) {
      const patch = JSON.stringify({ status: RUNNING });
      await kubectl(['patch', 'pod', name, '-n', NAMESPACE, '--subresource=status', '--type=merge', '-p', patch]);
    }

    expect(withoutAge(await kubectl(command.split(' ')))).toBe(withoutAge(shown));
  });
});
