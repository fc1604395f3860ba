import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kubectl } from '../cluster/kubectl.ts';
import { documentedBlock } from '../support/documented.ts';
import { Flux } from './flux.ts';
import { Release, renderObjects } from './helm.ts';
import { configurationOf, newRelease, withHelmAnnotations, writeCABundle } from './installed.ts';
import { RunningRelease } from './running-release.ts';

/** A build with an empty Go cache, on two busy cores. */
const BUILD_TIMEOUT_MS = 600_000;

const NEEDED = ['helm', 'cluster', 'go'] as const;

describe.skipIf(NEEDED.some((name) => inject(name) === null))('Flux', () => {
  let flux: Flux;
  beforeAll(async () => {
    flux = await Flux.build();
  }, BUILD_TIMEOUT_MS);
  afterAll(() => flux[Symbol.asyncDispose]());

  test('has nothing to do in kustomize-controller after the webhook has written its caBundle', async ({
    onTestFinished,
  }) => {
    await using running = await RunningRelease.create();
    const objects = await renderObjects({ ...running.values, heal: { schedule: '@hourly' } }, await newRelease());
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    onTestFinished(async () => void (await kubectl(['delete', '--wait=false', '--ignore-not-found', '-f', '-'], list)));
    const all = (action: string) => Array.from(objects, () => action);
    expect(Object.values(await flux.apply(objects))).toEqual(all('created'));
    await running.start(objects);
    const bundles = await running.caBundles();
    expect(bundles).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/^LS0t/)));

    expect(Object.values(await flux.diff(objects))).toEqual(all('unchanged'));
    expect(Object.values(await flux.apply(objects))).toEqual(all('unchanged'));
    expect(await running.caBundles()).toEqual(bundles);
  });

  test('detects drift in helm-controller after other changes, but not because of the caBundle', async () => {
    const release = await newRelease();
    const manifests = parseAllDocuments(documentedBlock('docs/gitops.md', 'yaml', 'kind: HelmRelease')).map(
      (document) => document.toJS(),
    );
    const { values, driftDetection } = manifests.find(({ kind }) => kind === 'HelmRelease').spec;
    expect(driftDetection).toEqual({ mode: 'enabled' });
    await using _installed = await Release.install(release, values);
    const objects = (await renderObjects(values, release)).map((object) => withHelmAnnotations(object, release));
    const { name } = configurationOf(objects);
    await writeCABundle(name, 'of the webhook');
    expect(await flux.drift(objects)).toEqual({});

    const patch = JSON.stringify([{ op: 'replace', path: '/webhooks/0/timeoutSeconds', value: 7 }]);
    await kubectl(['patch', 'mutatingwebhookconfiguration', name, '--type=json', '-p', patch]);
    expect(await flux.drift(objects)).toEqual({
      [`MutatingWebhookConfiguration/${name}`]: [{ op: 'replace', path: '/webhooks/0/timeoutSeconds', value: 1 }],
    });
  });
});
