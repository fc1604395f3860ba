import { readFileSync } from 'node:fs';
import { describe, expect, inject, test } from 'vitest';
import { GOLDEN } from './golden-files.ts';
import { objectsOf, render, type Values } from './helm.ts';
import { type PodTemplate, podTemplatesOf } from './pod-templates.ts';

/** The Pods of a release: replicas, runs of heal, `helm test`. */
async function podsOf(values: Values | string): Promise<readonly PodTemplate[]> {
  const objects = objectsOf(await render(values));
  return [
    ...objects.flatMap(podTemplatesOf),
    ...objects.filter(({ kind }) => kind === 'Pod').map((pod) => pod as unknown as PodTemplate),
  ];
}

describe.skipIf(inject('helm') === null)('every Pod', () => {
  test.for(GOLDEN)('gets no Istio sidecar, with the values $name', async ({ file }) => {
    const pods = await podsOf(readFileSync(file, 'utf8'));
    expect(pods.length).toBeGreaterThanOrEqual(1);
    for (const { metadata } of pods) expect(metadata.labels).toMatchObject({ 'sidecar.istio.io/inject': 'false' });
  });

  test('gets the resources that a ResourceQuota requires from two values', async () => {
    const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } };
    const pods = await podsOf({ resources, heal: { schedule: '@hourly', resources } });
    const containers = pods.flatMap(({ spec }) => spec.containers);
    expect(containers.map((container) => container.resources)).toEqual(Array.from({ length: 4 }, () => resources));
  });

  test('gets the environment variables in extraEnv', async () => {
    const extraEnv = [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=200' }];
    const pods = await podsOf({ extraEnv, heal: { schedule: '@hourly' } });
    const containers = pods.flatMap(({ spec }) => spec.containers);
    expect(containers).toHaveLength(4);
    for (const { env } of containers) expect(env).toContainEqual(extraEnv[0]);
  });
});
