import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { eventually } from '../cluster/eventually.ts';
import { cluster } from '../cluster/kubectl.ts';
import { type KubernetesObject, stored } from '../cluster/objects.ts';
import { Application } from './argo-cd.ts';
import { documented } from './documented.ts';
import { DryRunLoad } from './dry-run-load.ts';
import { describeInstalled, newRelease } from './installed.ts';
import { RunningRelease } from './running-release.ts';

/** Two seconds: policies take effect within one. */
const OBJECTS_A_STEP = 40;

describeInstalled('Argo CD', () => {
  test('by client-side apply finds no drift, and the webhook restores what Replace=true takes away', async () => {
    await using running = await RunningRelease.create();
    await using application = new Application(await newRelease(), 'ServerSideApply=false');
    const { source, syncPolicy, ...rest } = parse(documented('kind: Application')).spec;
    // No ignoreDifferences, nor an option that hides a difference.
    expect(Object.keys(rest)).toEqual(['project', 'destination']);
    expect(syncPolicy.syncOptions).toEqual(['CreateNamespace=true']);
    await application.sync({ ...source.helm.valuesObject, ...running.values, heal: { schedule: '@hourly' } });
    await running.start(application.objects);
    await expectNoDrift(application, running);

    const writes = await running.writes();
    await application.replace();
    await eventually('the caBundle', async () => (await running.writes()) > writes || undefined);
    await eventually('the CA', async () => (await storedCA(application.objects)) || undefined);
    await using _labelled = await DryRunLoad.start();
    expect(await application.diff('three-way')).toBe('');
  });

  test('by server-side apply finds no drift, and misses nothing while it prunes from the webhook to policies', async () => {
    await using running = await RunningRelease.create();
    await using application = new Application(await newRelease(), 'ServerSideApply=true');
    await application.sync({ ...running.values, engine: 'webhook' });
    await running.start(application.objects);
    await expectNoDrift(application, running);

    await using load = await DryRunLoad.start();
    // By `helm template`, which renders v1. Older API servers have no policies to go to.
    for (const engine of cluster().policyVersion === 'v1' ? ['both', 'policy'] : []) {
      await application.sync({ ...running.values, engine });
      await load.next(OBJECTS_A_STEP);
    }
    expect(load.missed).toBe(0);
  });
});

/** Expects that neither diff finds anything once the webhook has written its caBundle, and that self-heal leaves it. */
async function expectNoDrift(application: Application, running: RunningRelease): Promise<void> {
  const bundles = await running.caBundles();
  expect(bundles).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/^LS0t/)));
  expect(await application.diff('three-way')).toBe('');
  expect(await application.diff('server-side')).toBe('');
  await application.heal();
  expect(await running.caBundles()).toEqual(bundles);
}

/** Whether the Secret holds a CA. */
async function storedCA(objects: readonly KubernetesObject[]): Promise<boolean> {
  const { name = '', namespace = '' } = objects.find(({ kind }) => kind === 'Secret')?.metadata ?? {};
  return (await stored('Secret', namespace, name))['data'] !== undefined;
}
