import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { kubectl } from '../cluster/kubectl.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import { serveForeignKinds } from './foreign-kinds.ts';
import { INSTALLABLE } from './golden-files.ts';
import { Release, type ReleaseName, renderObjects, tryHelm, WAYS } from './helm.ts';
import { asStored, configurationOf, describeInstalled, newRelease, storedEntries, writeCABundle } from './installed.ts';

const CA = '-----BEGIN CERTIFICATE-----\nof the webhook\n-----END CERTIFICATE-----\n';

describeInstalled('helm uninstall', () => {
  beforeAll(serveForeignKinds);

  // Together, they contain every kind in the chart.
  const cases = INSTALLABLE.filter(({ name }) =>
    ['both', 'cert-manager', 'heal', 'heal-all-namespaces', 'monitoring', 'policy', 'provided'].includes(name),
  );
  test.for(cases)('leaves no objects behind with the values $name', async ({ name, file }) => {
    const release = await newRelease();
    const before = await everything();

    const values = readFileSync(file, 'utf8');
    const installed = await Release.install(release, values);
    if (!['policy', 'provided'].includes(name))
      await writeCABundle(configurationOf(await renderObjects(values, release)).name, CA);
    const during = await everything();
    await installed.uninstall();

    expect(during.length).toBeGreaterThan(before.length + 4);
    expect(await everything()).toEqual(before);
  });

  test.for(WAYS)('and helm upgrade work after the Secret was deleted and recreated, with $way', async ({ by }) => {
    const release = await newRelease();
    const before = await everything();
    const installed = await Release.install(release, {}, by);
    const { name, entries } = configurationOf(await renderObjects({}, release));
    await writeCABundle(name, CA);
    await writeSecret(release, 'gateway-name-webhook', { data: { 'ca.crt': 'b2xk' } });

    const secret = `${name}-ca`;
    await kubectl(['delete', 'secret', secret, '-n', release.namespace]);
    await writeSecret(release, 'gateway-name-webhook', { data: { 'ca.crt': 'bmV3' } });
    await writeSecret(release, 'gateway-name-webhook-restore', {
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: {
        'meta.helm.sh/release-name': release.name,
        'meta.helm.sh/release-namespace': release.namespace,
      },
    });
    const values = { commonLabels: { team: 'gateways' } };
    await installed.upgrade(values, by);

    const stored = JSON.parse(await kubectl(['get', 'secret', secret, '-n', release.namespace, '-o', 'json']));
    const [rendered] = (await renderObjects(values, release)).filter(({ kind }) => kind === 'Secret');
    expect(stored.metadata.labels).toEqual(rendered?.metadata.labels);
    expect(stored.data).toEqual({ 'ca.crt': 'bmV3' });
    expect(await storedEntries(name)).toEqual(asStored(entries, CA));
    await installed.uninstall();
    expect(await everything()).toEqual(before);
  });
});

describeInstalled('helm test', () => {
  test('leaves no objects behind if it fails', async () => {
    const release = await newRelease();
    await using _installed = await Release.install(release, {});
    const before = await everything();

    // It fails because no node runs its Pod.
    const { exitCode, stderr } = await tryHelm(['test', release.name, '-n', release.namespace, '--timeout', '2s']);
    expect(stderr).toMatch(/timed? ?out|context deadline exceeded/);
    expect(exitCode).toBe(1);
    expect(await everything()).toEqual(before);
  });
});

/** Writes fields of the Secret in mode self as the webhook does: with server-side apply, which creates a missing Secret. */
async function writeSecret(
  release: ReleaseName,
  manager: string,
  { data, ...metadata }: { data?: object; labels?: object; annotations?: object },
): Promise<void> {
  const { name } = configurationOf(await renderObjects({}, release));
  await kubectl(['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'], {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `${name}-ca`, namespace: release.namespace, ...metadata },
    ...(data && { data }),
    type: 'Opaque',
  });
}

/**
 * Returns kind, namespace and name of every object of every kind, except events, Leases (which API servers create), and
 * objects with an owner: a cluster's garbage collector would delete them with the owner, but none runs here.
 */
async function everything(): Promise<readonly string[]> {
  const kinds = (await kubectl(['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n');
  const listed = kinds.filter((kind) => !/^(events|leases)(\.|$)/.test(kind));
  const { items } = JSON.parse(await kubectl(['get', listed.join(','), '-A', '-o', 'json']));
  return (items as KubernetesObject[])
    .filter(({ metadata }) => metadata['ownerReferences'] === undefined)
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`)
    .sort();
}
