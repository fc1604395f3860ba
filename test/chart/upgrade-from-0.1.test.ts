import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { DryRunLoad } from './dry-run-load.ts';
import { CHART, CHART_0_1, Release, SERVER_SIDE, tryHelm, WAYS } from './helm.ts';
import { describeInstalled, newRelease } from './installed.ts';
import { RunningRelease } from './running-release.ts';

/** Two seconds of load. An API server uses a changed configuration within one. */
const OBJECTS_A_STEP = 40;

/** The longest possible timeout, so that a busy machine causes no missed label. */
const PATIENT = { timeoutSeconds: 30 };

/** Chart 0.1 requires Kubernetes 1.37. */
const NEEDS_MINOR = 37;

const assets = inject('cluster')?.assets;
const version = assets ? execFileSync(join(assets, 'kube-apiserver'), ['--version'], { encoding: 'utf8' }) : '';
const isInstallable = Number(/v1\.(\d+)/.exec(version)?.[1]) >= NEEDS_MINOR;

// Each test starts the webhook two or three times.
const describeUpgrade = isInstallable ? describeInstalled : () => {};
describeUpgrade('an upgrade from chart 0.1', { timeout: 180_000 }, () => {
  test.for(WAYS)('misses no label, even during the rollback ($way)', async ({ by }) => {
    await using running = await RunningRelease.create();
    const values = { webhook: { ...running.values.webhook, ...PATIENT } };
    await using installed = await Release.install(await newRelease(), values, by, CHART_0_1);
    await running.start(await installed.objects());
    await using load = await DryRunLoad.start();
    await load.next(OBJECTS_A_STEP);

    await installed.upgrade(values, by);
    await load.next(OBJECTS_A_STEP);
    await running.start(await installed.objects());
    await load.next(OBJECTS_A_STEP);
    expect(await running.caBundles()).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/^LS0t/)));

    await installed.rollback(...(by.program === 'helm' ? ['--server-side=false'] : []));
    await load.next(OBJECTS_A_STEP);
    await running.start(await installed.objects());
    await load.next(OBJECTS_A_STEP);
    expect(await running.caBundles()).toEqual(Array.from({ length: 2 }, () => expect.stringMatching(/^LS0t/)));
    expect(load.missed).toBe(0);
  });

  test('cannot be rolled back with server-side apply, as docs/upgrading.md says', async () => {
    await using running = await RunningRelease.create();
    await using installed = await Release.install(await newRelease(), running.values, SERVER_SIDE, CHART_0_1);
    await running.start(await installed.objects());
    await installed.upgrade(running.values);
    await running.start(await installed.objects());

    await expect(installed.rollback()).rejects.toThrow('webhooks[1].sideEffects: Required value');
    await installed.rollback('--server-side=false');
  });

  test.for(WAYS)('with --reuse-values is refused, and the error names the option to use ($way)', async ({ by }) => {
    const release = await newRelease();
    await using installed = await Release.install(release, { replicas: 3 }, by, CHART_0_1);
    const upgrade = (option: string) =>
      tryHelm(['upgrade', release.name, CHART, '-n', release.namespace, option, ...by.flags], '', by.program);

    expect(await upgrade('--reuse-values')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('use --reset-then-reuse-values instead of --reuse-values'),
    });
    expect(await upgrade('--reset-then-reuse-values')).toMatchObject({ exitCode: 0, stderr: '' });
    const deployments = (await installed.objects()).filter(({ kind }) => kind === 'Deployment');
    expect(deployments).toMatchObject([{ spec: { replicas: 2 } }, { spec: { replicas: 1 } }]);
  });
});

if (!isInstallable) {
  describeInstalled('chart 0.1', () => {
    test('requires a newer Kubernetes than this one', async () => {
      const { name, namespace } = await newRelease();
      const { stderr } = await tryHelm(['install', name, CHART_0_1, '-n', namespace]);
      expect(stderr).toContain('chart requires kubeVersion: >=1.37.0-0 which is incompatible with Kubernetes');
    });
  });
}
