import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import type { KubernetesObject } from '../cluster/objects.ts';
import { CHART, HELMS, objectsOf, type Program, tryHelm, type Values } from './helm.ts';

const NAME = 'gateway-name-webhook';

/** A Service's name (RFC 1035). */
const DNS_LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

describe.each(HELMS)('as a dependency, with %s,', (program) => {
  describe.skipIf(inject(program) === null)('the chart', () => {
    test.for([
      { enabled: true, kinds: ['Deployment', 'Deployment'] },
      { enabled: false, kinds: [] },
    ])('is rendered only if its condition is true: $enabled', async ({ enabled, kinds }) => {
      const dependency = { condition: `${NAME}.enabled` };
      const objects = await renderParent(program, [dependency], { [NAME]: { enabled } });
      expect(deploymentsIn(objects)).toEqual(kinds);
    });

    test('accepts its values and the global values', async () => {
      const values = { global: { imageRegistry: 'registry.example.com' }, [NAME]: { replicas: 3, engine: 'both' } };
      const objects = await renderParent(program, [{}], values);
      expect(objects.find(({ kind }) => kind === 'Deployment')).toMatchObject({ spec: { replicas: 2 } });
      expect(objects.filter(({ kind }) => kind === 'MutatingAdmissionPolicy')).toHaveLength(2);
    });

    test('refuses an unknown value', async () => {
      await expect(renderParent(program, [{}], { [NAME]: { replica: 3 } })).rejects.toThrow(/'replica'/);
    });

    test.for(['labels', 'Gateway_labels', 'gatewayLabels-'])('can be named %s', async (alias) => {
      const objects = await renderParent(program, [{ alias }], { [alias]: { heal: { schedule: '@hourly' } } });
      const services = objects.filter(({ kind }) => kind === 'Service');
      expect(services).toHaveLength(2);
      for (const { metadata } of services) expect(metadata.name).toMatch(DNS_LABEL);
    });

    test('can be used twice, with separate objects and Pods', async () => {
      const objects = await renderParent(program, [{ alias: 'first' }, { alias: 'second' }], {});
      const names = objects.map(({ kind, metadata: { name } }) => `${kind} ${name}`);
      expect(new Set(names).size).toBe(names.length);

      const selectors = objects.filter(({ kind }) => kind === 'Service').map(({ spec }) => JSON.stringify(spec));
      expect(new Set(selectors).size).toBe(4);
    });

    test('lets the cluster choose the user ID if the parent sets runAsUser to an empty string', async () => {
      const objects = await renderParent(program, [{}], { [NAME]: { runAsUser: '' } });
      expect(deploymentsIn(objects)).toEqual(['Deployment', 'Deployment']);
      expect(JSON.stringify(objects)).not.toMatch(/runAsUser|runAsGroup|fsGroup/);
    });
  });
});

/** Renders a parent chart with these dependencies on this chart, and with these values. */
async function renderParent(
  program: Program,
  dependencies: readonly object[],
  values: Values,
): Promise<readonly KubernetesObject[]> {
  const parent = await mkdtemp(join(tmpdir(), 'gateway-name-webhook-parent-'));
  onTestFinished(() => rm(parent, { recursive: true }));
  const chart = {
    apiVersion: 'v2',
    name: 'parent',
    version: '1.0.0',
    dependencies: dependencies.map((dependency) => ({ name: NAME, version: '*', repository: '', ...dependency })),
  };
  await mkdir(join(parent, 'charts'));
  await cp(CHART, join(parent, 'charts', NAME), { recursive: true });
  await writeFile(join(parent, 'Chart.yaml'), JSON.stringify(chart));
  await writeFile(join(parent, 'values.yaml'), JSON.stringify(values));

  const { exitCode, stdout, stderr } = await tryHelm(['template', 'x', parent, '--no-hooks'], '', program);
  if (exitCode !== 0) throw new Error(stderr);
  return objectsOf(stdout);
}

function deploymentsIn(objects: readonly KubernetesObject[]): readonly string[] {
  return objects.map(({ kind }) => kind).filter((kind) => kind === 'Deployment');
}
