import { beforeAll, describe, expect, inject, test } from 'vitest';
import { kubectl } from '../cluster/kubectl.ts';
import { serveForeignKinds } from './foreign-kinds.ts';
import { type By, HELM_3, Release, type ReleaseName, renderObjects, SERVER_SIDE, type Values, WAYS } from './helm.ts';
import {
  asStored,
  configurationName,
  configurationOf,
  describeInstalled,
  drift,
  expectObjects,
  injectCABundle,
  newRelease,
  storedEntries,
  writeCABundle,
} from './installed.ts';

const CA = '-----BEGIN CERTIFICATE-----\nof the webhook\n-----END CERTIFICATE-----\n';
const selector = (namespace: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': namespace } });
const url = (host: string) => ({ webhook: { clientConfig: { url: `https://${host}:30443/mutate` } } });

/** Values of each setting, in an order that covers every change from one to another. */
const WALKS: Readonly<Record<string, readonly Values[]>> = {
  'rule.reverse': ['both', 'managed', 'off', 'both', 'off', 'managed', 'both'].map((reverse) => ({
    rule: { reverse },
  })),
  'webhook.operations': [['CREATE'], ['CREATE', 'UPDATE'], ['CREATE']].map((operations) => ({
    webhook: { operations },
  })),
  'rule.reverse with UPDATE': ['both', 'managed', 'off', 'both', 'off', 'managed', 'both'].map((reverse) => ({
    rule: { reverse },
    webhook: { operations: ['CREATE', 'UPDATE'] },
  })),
  'webhook.failurePolicy, timeoutSeconds and namespaceSelector': [
    {},
    { failurePolicy: 'Fail', timeoutSeconds: 30, namespaceSelector: selector('a') },
    { failurePolicy: 'Ignore', timeoutSeconds: 1, namespaceSelector: selector('b') },
    { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] } },
    {},
  ].map((webhook) => ({ webhook })),
  'webhook.clientConfig.url': [{}, url('webhook.example.com'), url('192.0.2.7'), {}],
  'serviceAccount and rbac': [
    {},
    { serviceAccount: { name: 'another' } },
    { serviceAccount: { create: false, name: 'another' }, rbac: { create: false } },
    {},
  ],
  heal: [
    {},
    { schedule: '@hourly' },
    { schedule: '*/10 * * * *', namespaces: ['default', 'kube-public'], qps: 10 },
    { schedule: '*/10 * * * *', namespaces: ['kube-public'], guard: false },
    { schedule: '@daily', allNamespaces: true, acceptPdbOverlap: true },
    {},
  ].map((heal) => ({ heal })),
  'commonLabels, commonAnnotations, hostNetwork, ports and replicas': [
    {},
    { commonLabels: { team: 'a' }, hostNetwork: true, replicas: 1, ports: { https: 10443, metrics: 10444 } },
    { commonLabels: { team: 'b' }, commonAnnotations: { team: 'a' }, ports: { https: 10444, metrics: 10443 } },
    {},
  ],
};

const OWN_CA = '-----BEGIN CERTIFICATE-----\nof a user\n-----END CERTIFICATE-----\n';
const CERT_MANAGER_CA = '-----BEGIN CERTIFICATE-----\nof cert-manager\n-----END CERTIFICATE-----\n';

/** The values of certificates.mode, with the caBundle of each mode and the way in which it is written. */
const MODES = {
  self: {
    values: {},
    caBundle: CA,
    writeCABundle: (configuration: string) => writeCABundle(configuration, CA),
  },
  'cert-manager': {
    values: { certificates: { mode: 'cert-manager' } },
    caBundle: CERT_MANAGER_CA,
    writeCABundle: (configuration: string) => injectCABundle(configuration, CERT_MANAGER_CA),
  },
  provided: {
    values: { certificates: { mode: 'provided', provided: { secretName: 'tls', caBundle: OWN_CA } } },
    caBundle: OWN_CA,
    // The chart renders the caBundle.
    writeCABundle: async () => {},
  },
} as const;
type Mode = keyof typeof MODES;
const MODE_NAMES = Object.keys(MODES) as Mode[];
const CHANGES_OF_MODE = MODE_NAMES.flatMap((from) =>
  MODE_NAMES.filter((to) => to !== from).map((to) => ({ from, to })),
);

// Concurrent: each test has a separate release, and Helm leaves a processor idle while it waits.
describeInstalled.concurrent('helm upgrade', () => {
  beforeAll(serveForeignKinds);

  for (const { way, by } of WAYS) {
    test.for(Object.entries(WALKS))(`with ${way} keeps the caBundle for every change of %s`, async ([, walk]) => {
      await followWalk(walk, by);
    });
  }

  test.for(WAYS)('can be rolled back, with $way', async ({ by }) => {
    const release = await newRelease();
    await using installed = await Release.install(release, {}, by);
    await writeCABundle(await configurationName({}, release), CA);
    await installed.upgrade({ rule: { reverse: 'off' }, ...url('192.0.2.7') }, by);

    await installed.rollback();
    await expectUpgraded({}, release, CA);
  });

  test.skipIf(inject('helm3') === null)('with Helm 4 takes over a release of Helm 3', async () => {
    const release = await newRelease();
    await using installed = await Release.install(release, {}, HELM_3);
    await writeCABundle(await configurationName({}, release), CA);

    const values = {
      rule: { reverse: 'off' },
      webhook: { timeoutSeconds: 3, ...url('192.0.2.7').webhook },
      replicas: 1,
    };
    await installed.upgrade(values, SERVER_SIDE);
    await expectUpgraded(values, release, CA);
    await installed.upgrade({}, SERVER_SIDE);
    await expectUpgraded({}, release, CA);
  });

  describe.each(WAYS)('with $way', ({ by }) => {
    test.for(CHANGES_OF_MODE)('changes certificates.mode from $from to $to', async ({ from, to }) => {
      const release = await newRelease();
      await using installed = await Release.install(release, MODES[from].values, by);
      await MODES[from].writeCABundle(await configurationName(MODES[from].values, release));

      await installed.upgrade(MODES[to].values, by);
      await expectObjects(MODES[to].values, release);
      // The caBundle is kept, except from or to mode provided, in which the chart renders it.
      const left = to === 'provided' || from === 'provided' ? undefined : MODES[from].caBundle;
      await expectUpgraded(MODES[to].values, release, left ?? bundleOf(to));

      await MODES[to].writeCABundle(await configurationName(MODES[to].values, release));
      await installed.upgrade({ ...MODES[to].values, replicas: 3 }, by);
      await expectUpgraded({ ...MODES[to].values, replicas: 3 }, release, MODES[to].caBundle);
    });
  });

  test('is not needed to change the mode: a second release can replace the first', async () => {
    const [first, second] = [await newRelease(), await newRelease()];
    await using before = await Release.install(first, MODES.provided.values);
    await using _after = await Release.install(second, MODES.self.values);
    await writeCABundle(await configurationName(MODES.self.values, second), CA);

    await before.uninstall();
    await expectUpgraded(MODES.self.values, second, CA);
  });

  test('recreates a deleted configuration', async () => {
    for (const { by } of WAYS) {
      const release = await newRelease();
      await using installed = await Release.install(release, {}, by);
      await kubectl(['delete', 'mutatingwebhookconfiguration', await configurationName({}, release)]);

      await installed.upgrade({}, by);
      await expectUpgraded({}, release);
    }
  });
});

/** Installs the first values, writes the caBundle as the webhook does, and upgrades to each of the others. */
async function followWalk([first = {}, ...others]: readonly Values[], by: By): Promise<void> {
  const release = await newRelease();
  await using installed = await Release.install(release, first, by);
  await writeCABundle(await configurationName(first, release), CA);
  for (const values of others) {
    await installed.upgrade(values, by);
    await expectUpgraded(values, release, CA);
  }
  expect(await drift(others.at(-1) ?? first, release)).toBe('');
}

/** Expects that the configuration of a release matches its values, with this caBundle in each entry. */
async function expectUpgraded(values: Values, release: ReleaseName, caBundle?: string): Promise<void> {
  const { name, entries } = configurationOf(await renderObjects(values, release));
  expect(await storedEntries(name), JSON.stringify(values)).toEqual(asStored(entries, caBundle));
}

/** The caBundle right after an installation: the chart's, or none until one is written. */
function bundleOf(mode: Mode): string | undefined {
  return mode === 'provided' ? OWN_CA : undefined;
}
