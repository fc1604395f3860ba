import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { eventually } from '../cluster/eventually.ts';
import { cluster } from '../cluster/kubectl.ts';
import { type KubernetesObject, stored } from '../cluster/objects.ts';
import { documentedBlock } from '../support/documented.ts';
import { Application } from './argo-cd.ts';
import { DryRunLoad } from './dry-run-load.ts';
import { describeInstalled, newRelease } from './installed.ts';
import { RunningRelease } from './running-release.ts';

/** Two seconds of load. Policies take effect within one. */
const OBJECTS_A_STEP = 40;

describeInstalled('Argo CD', () => {
  test('with client-side apply finds no drift, and the webhook restores what Replace=true removes', async () => {
    await using running = await RunningRelease.create();
    await using application = new Application(await newRelease(), 'ServerSideApply=false');
    const { source, syncPolicy, ...rest } = parse(documentedBlock('docs/gitops.md', 'yaml', 'kind: Application')).spec;
    // Neither ignoreDifferences nor an option hides a difference.
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

  test('with server-side apply finds no drift, and no object misses its label while policies replace the webhook', async () => {
    await using running = await RunningRelease.create();
    await using application = new Application(await newRelease(), 'ServerSideApply=true');
    await application.sync({ ...running.values, engine: 'webhook' });
    await running.start(application.objects);
    await expectNoDrift(application, running);

    await using load = await DryRunLoad.start();
    // `helm template` renders policies in v1, so the API server must serve that version.
    for (const engine of cluster().policyVersion === 'v1' ? ['both', 'policy'] : []) {
      await application.sync({ ...running.values, engine });
      await load.next(OBJECTS_A_STEP);
    }
    expect(load.missed).toBe(0);
  });
});

/** Expects that after the webhook has written its caBundle, neither diff finds anything and self-heal keeps it. */
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
