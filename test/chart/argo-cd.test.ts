import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { Application, SYNC_OPTIONS, type SyncOption } from './argo-cd.ts';
import { documented } from './documented.ts';
import { DryRunLoad } from './dry-run-load.ts';
import { describeInstalled, newRelease } from './installed.ts';
import { RunningRelease } from './running-release.ts';

/** The webhook reads the configuration so often, and puts it right then. */
const REPAIR_MS = 15_000;

/** Two seconds: policies take effect within one. */
const OBJECTS_A_STEP = 40;

describeInstalled('Argo CD', () => {
  test.for(Object.keys(SYNC_OPTIONS) as SyncOption[])(
    'finds no drift once the webhook has written its caBundle, and leaves it when it heals, with %s',
    async (option) => {
      await using running = await RunningRelease.create();
      await using application = new Application(await newRelease(), option);
      // No ignoreDifferences, no other option that hides a difference.
      const { source, syncPolicy, ...rest } = parse(await documented('kind: Application')).spec;
      expect(Object.keys(rest)).toEqual(['project', 'destination']);
      expect(syncPolicy.syncOptions).toEqual(['CreateNamespace=true']);
      await application.sync({ ...source.helm.valuesObject, ...running.values, heal: { schedule: '@hourly' } });
      await running.start(application.objects);
      const bundles = await running.caBundles();
      expect(bundles).toEqual([expect.stringMatching(/^LS0t/), bundles[0]]);

      expect(await application.diff('three-way')).toBe('');
      expect(await application.diff('server-side')).toBe('');
      await application.heal();
      expect(await running.caBundles()).toEqual(bundles);
    },
  );

  test('takes the caBundle and the CA away with Replace=true, and the webhook restores both', async () => {
    await using running = await RunningRelease.create();
    await using application = new Application(await newRelease(), 'ServerSideApply=false');
    await application.sync(running.values);
    await running.start(application.objects);
    await using load = await DryRunLoad.start();

    await application.replace();
    expect(await running.caBundles()).toEqual([undefined, undefined]);
    expect(await running.repaired()).toBeLessThan(REPAIR_MS);
    await load.next(OBJECTS_A_STEP);
    const { missed } = load;
    expect(missed).toBeGreaterThan(0);
    await load.next(OBJECTS_A_STEP);
    expect(load.missed).toBe(missed);
  });

  test('goes from the webhook to policies and back by pruning, and no object is missed', async () => {
    await using running = await RunningRelease.create();
    await using application = new Application(await newRelease(), 'ServerSideApply=false');
    const sync = (engine: string) => application.sync({ ...running.values, engine });
    await sync('webhook');
    await running.start(application.objects);

    await using load = await DryRunLoad.start();
    await sync('both');
    await load.next(OBJECTS_A_STEP);
    await sync('policy');
    await running.stop();
    await sync('both');
    await running.start(application.objects);
    await sync('webhook');
    await load.next(OBJECTS_A_STEP);
    expect(load.missed).toBe(0);
  });
});
