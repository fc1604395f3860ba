import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { eventually } from '../cluster/eventually.ts';
import { cluster, kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { serveForeignKinds } from './foreign-kinds.ts';
import { GOLDEN, INSTALLABLE } from './golden-files.ts';
import { objectsOf, Release, type ReleaseName, render, renderObjects, SERVED, type Values } from './helm.ts';
import {
  asStored,
  configurationOf,
  configurationsOf,
  describeInstalled,
  drift,
  newRelease,
  storedEntries,
  writeCABundle,
} from './installed.ts';
import { podsOf } from './pod-templates.ts';

const CA = '-----BEGIN CERTIFICATE-----\nof the webhook\n-----END CERTIFICATE-----\n';

/** The warnings of the restricted Pod Security Standard: only about the host network. */
const WARNINGS: Readonly<Record<string, RegExp>> = {
  'host-network':
    /^Warning: would violate PodSecurity "restricted:latest": host namespaces \(hostNetwork=true\), hostPort \(container "webhook" uses hostPorts 10443, 10444\)\n$/,
};

describeInstalled('the API server', () => {
  beforeAll(serveForeignKinds);

  test.for(INSTALLABLE)(
    'accepts every object of the golden file $name without an unexpected warning',
    async ({ name, file }) => {
      const release = await newRelease();
      await kubectl(['label', 'namespace', release.namespace, 'pod-security.kubernetes.io/warn=restricted']);
      const items = objectsOf(await render(readFileSync(file, 'utf8'), release, SERVED));
      expect(items.length).toBeGreaterThanOrEqual(10);

      const args = ['create', '--dry-run=server', '--validate=strict', '-f', '-'];
      const { exitCode, stderr } = await tryKubectl(args, { apiVersion: 'v1', kind: 'List', items });
      expect(stderr).toMatch(WARNINGS[name] ?? /^$/);
      expect(exitCode).toBe(0);
    },
  );

  test('accepts every Pod in a namespace that enforces the restricted Pod Security Standard', async () => {
    const release = await newRelease();
    const { namespace } = release;
    await kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
    const podsOfFile = async ({ name, file }: (typeof GOLDEN)[number]) => {
      // A priority class also needs a quota: see namespace-rules.test.ts.
      const rendered = await render(readFileSync(file, 'utf8'), release, ['--set=priorityClassName=']);
      return { name, items: podsOf(objectsOf(rendered), namespace) };
    };
    const cases = await Promise.all(GOLDEN.filter(({ name }) => WARNINGS[name] === undefined).map(podsOfFile));

    // With heal: two replicas, a run of heal, and helm test. By default: two replicas and helm test. With policies: helm test.
    const counts = Object.fromEntries(cases.map(({ name, items }) => [name, items.length]));
    expect(counts).toMatchObject({ heal: 4, tenant: 4, default: 3, policy: 1 });
    const items = cases.flatMap((found) => found.items);
    await kubectl(['create', '--dry-run=server', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  });
});

describeInstalled.concurrent('helm install', () => {
  beforeAll(serveForeignKinds);

  test.for(INSTALLABLE)(
    'leaves no drift with the values $name, even after the caBundle is written',
    async ({ name, file }) => {
      const release = await newRelease();
      const values = readFileSync(file, 'utf8');
      await using _installed = await Release.install(release, values);
      expect(await drift(values, release)).toBe('');

      const objects = await renderObjects(values, release);
      for (const { kind, metadata, spec } of objects.filter(({ kind }) =>
        kind.startsWith('ValidatingAdmissionPolicy'),
      )) {
        expect(JSON.parse(await kubectl(['get', kind, metadata.name ?? '', '-o', 'json'])).spec).toEqual(spec);
      }
      // Engine policy has no webhook configuration.
      if (name.startsWith('policy')) return expect(configurationsOf(objects)).toEqual([]);
      const configuration = configurationOf(objects);
      if (name === 'provided') {
        expect(await storedEntries(configuration.name)).toEqual(configuration.entries);
        return;
      }
      expect(await storedEntries(configuration.name)).toEqual(asStored(configuration.entries));
      await writeCABundle(configuration.name, CA);
      expect(await drift(values, release)).toBe('');
      expect(await storedEntries(configuration.name)).toEqual(asStored(configuration.entries, CA));
    },
  );

  test.for<{ readonly what: string; readonly release: ReleaseName; readonly values: Values; readonly name: string }>([
    {
      what: 'the longest release name, in the longest namespace',
      release: { name: `r${'-'.repeat(51)}r`, namespace: `n${'-'.repeat(61)}n` },
      values: { heal: { schedule: '@hourly' } },
      // Truncated to 63 characters.
      name: `r${'-'.repeat(51)}r-gateway-n`,
    },
    {
      what: 'the longest fullnameOverride',
      release: { name: 'long', namespace: 'long-override' },
      values: { fullnameOverride: `f${'-'.repeat(61)}f`, heal: { schedule: '@hourly', allNamespaces: true } },
      name: `f${'-'.repeat(61)}f`,
    },
    {
      what: 'a release name with dots and a leading digit, which is no valid Service name before Kubernetes 1.37',
      release: { name: '1.webhook.v2', namespace: 'dots' },
      values: {},
      name: 'release-1-webhook-v2-gateway-name-webhook',
    },
    {
      what: 'the longest release name with a leading digit',
      release: { name: `1${'-'.repeat(51)}1`, namespace: 'long-digits' },
      values: {},
      name: `release-1${'-'.repeat(51)}1-g`,
    },
    {
      what: 'names that YAML reads as a number or as booleans',
      release: { name: '1e3', namespace: 'on' },
      values: { fullnameOverride: 'y' },
      name: 'y',
    },
    {
      what: 'the namespace of Envoy Gateway',
      release: { name: 'gateway-name-webhook', namespace: 'envoy-gateway-system' },
      values: {},
      name: 'gateway-name-webhook',
    },
  ])('works with $what', async ({ release, values, name }) => {
    await using _installed = await Release.install(release, values);
    const objects = await renderObjects(values, release);
    const twin = `${name.slice(0, 58).replace(/-+$/, '')}-twin`;
    for (const kind of ['Deployment', 'Service']) {
      const named = objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
      expect(named).toEqual([name, twin]);
    }
    expect(await drift(values, release)).toBe('');
    await expectPods(release, name);
    await expectPods(release, twin);
  });

  test('refuses a second release with the same name, because some objects are cluster-scoped', async () => {
    const { name, namespace } = await newRelease();
    await using _first = await Release.install({ name, namespace }, {});
    const second = { name, namespace: (await newRelease()).namespace };

    await expect(Release.install(second, {})).rejects.toThrow(/invalid ownership metadata/);
    await using _renamed = await Release.install(second, { fullnameOverride: `${name}-2` });
  });
});

/** Expects that the controllers, which derive names from the Deployment's name, create its Pods. */
async function expectPods({ namespace }: ReleaseName, name: string): Promise<void> {
  if (!cluster().hasControllers) return;
  await eventually('the Pods of the Deployment', async () => {
    const deployment = JSON.parse(await kubectl(['get', 'deployment', name, '-n', namespace, '-o', 'json']));
    return deployment.status.replicas === 1 || undefined;
  });
}
