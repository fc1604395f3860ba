import { expect, inject } from 'vitest';
import { describeCluster, test } from './cluster-test.ts';
import { eventually } from './eventually.ts';
import { kubectl } from './kubectl.ts';
import { type KubernetesObject, OWNER, STANDARD, stored } from './objects.ts';

const CASES = [
  { given: 'owner', added: 'standard', reason: 'added-standard', labels: { app: 'envoy', [OWNER]: 'eg' } },
  { given: 'standard', added: 'owner', reason: 'added-owner', labels: { app: 'envoy', [STANDARD]: 'eg' } },
];

describeCluster('a Deployment', () => {
  test.skipIf(!inject('cluster')?.hasControllers).for(CASES)(
    'whose template has only the $given label gets Pods with the $added one, and is not changed',
    async ({ labels, reason }, { namespace, webhook }) => {
      const decisions = await webhook.decisionsDuring(async () => {
        await kubectl(['create', '-f', '-'], deploymentOf(namespace, labels));
        await eventually('the Deployment to be satisfied', async () => {
          const { status } = await stored('Deployment', namespace);
          return (status as { updatedReplicas?: number }).updatedReplicas === 2 || undefined;
        });
      });

      const pods = await list('pods', namespace);
      const ofTemplate = { ...labels, 'pod-template-hash': expect.any(String) };
      const ofPods = { ...ofTemplate, [OWNER]: 'eg', [STANDARD]: 'eg' };
      expect(pods.map(({ metadata }) => metadata.labels)).toEqual([ofPods, ofPods]);
      expect(decisions).toEqual({ [`CREATE Pod ${reason}`]: 2 });

      // The controllers still find their Pods by the template's labels, and roll nothing out.
      const replicaSets = await list('replicasets', namespace);
      expect(replicaSets.map(({ metadata }) => metadata.labels)).toEqual([ofTemplate]);
      const deployment = await stored('Deployment', namespace);
      expect(deployment.metadata['generation']).toBe(1);
      expect(deployment.metadata.labels).toEqual(labels);
      expect(deployment['spec']).toHaveProperty('selector', { matchLabels: labels });
      // Compares only the labels: Kubernetes 1.30 also stores a null creationTimestamp.
      expect(deployment['spec']).toHaveProperty('template.metadata.labels', labels);
    },
  );
});

function deploymentOf(namespace: string, labels: Readonly<Record<string, string>>) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'eg', namespace, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'envoy', image: 'envoy' }] } },
    },
  };
}

async function list(resource: string, namespace: string): Promise<KubernetesObject[]> {
  const { items } = JSON.parse(await kubectl(['get', resource, '-n', namespace, '-o', 'json']));
  return items;
}
