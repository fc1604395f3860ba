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

  // Between them, every kind that the chart renders.
  const cases = INSTALLABLE.filter(({ name }) =>
    ['both', 'cert-manager', 'heal', 'heal-all-namespaces', 'monitoring', 'policy', 'provided'].includes(name),
  );
  test.for(cases)('leaves nothing behind of the values $name', async ({ name, file }) => {
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

  test.for(WAYS)('and an upgrade work after the Secret was deleted and made anew, by $way', async ({ by }) => {
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
  test('leaves nothing behind when it fails', async () => {
    const release = await newRelease();
    await using _installed = await Release.install(release, {});
    const before = await everything();

    // No node runs its Pod here.
    const { exitCode, stderr } = await tryHelm(['test', release.name, '-n', release.namespace, '--timeout', '2s']);
    expect(stderr).toMatch(/timed? ?out|context deadline exceeded/);
    expect(exitCode).toBe(1);
    expect(await everything()).toEqual(before);
  });
});

/** Writes fields of the Secret of mode self as the webhook does: by server-side apply, which makes it if it is gone. */
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
 * Every object of every kind: kind, namespace and name. But for events; for Leases, by which API servers know of each
 * other; and for what belongs to an object that is gone, which a cluster's garbage collector takes: none runs here.
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
