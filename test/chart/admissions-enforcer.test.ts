import { expect, test } from 'vitest';
import { enforce } from './admissions-enforcer.ts';
import { CHART, helm, Release, SERVER_SIDE, type Values, WAYS } from './helm.ts';
import { configurationName, describeInstalled, drift, newRelease, storedEntries, writeCABundle } from './installed.ts';

const CA = '-----BEGIN CERTIFICATE-----\nof the webhook\n-----END CERTIFICATE-----\n';
const CA_BUNDLE = Buffer.from(CA).toString('base64');
const ENFORCED: Values = { webhook: { annotations: { 'admissions.enforcer/disabled': null } } };

describeInstalled('the admissions enforcer of AKS', () => {
  test('does not change a release, and Helm 4 can upgrade it', async () => {
    const [release, values] = [await newRelease(), {}];
    await using installed = await Release.install(release, values);
    const configuration = await configurationName(values, release);
    await enforce(configuration);
    await writeCABundle(configuration, CA);
    await enforce(configuration);
    expect(await drift(values, release)).toBe('');

    await installed.upgrade({ webhook: { timeoutSeconds: 6 } });
    expect(await storedEntries(configuration)).toMatchObject(each(ENTRY));
  });

  test('blocks Helm 4 upgrades of a release without the annotation, until one that adds it is forced', async () => {
    const release = await newRelease();
    await using installed = await Release.install(release, ENFORCED);
    const configuration = await configurationName(ENFORCED, release);
    await enforce(configuration);
    await writeCABundle(configuration, CA);
    const selected = { key: 'control-plane', operator: 'NotIn', values: ['true'] };
    const enforced = { namespaceSelector: { matchExpressions: expect.arrayContaining([selected]) } };
    expect(await storedEntries(configuration)).toMatchObject(each(enforced));

    const change = { webhook: { timeoutSeconds: 6 } };
    await expect(installed.upgrade(change)).rejects.toThrow(
      /conflicts with "admissionsenforcer" .*\n- \.webhooks\[.*\]\.namespaceSelector/,
    );
    const { name, namespace } = release;
    await helm(['upgrade', name, CHART, '-n', namespace, '--force-conflicts', '-f', '-'], JSON.stringify(change));
    await enforce(configuration);
    await installed.upgrade(change);
    expect(await storedEntries(configuration)).toMatchObject(each(ENTRY));
  });

  test.for(WAYS.filter(({ by }) => by !== SERVER_SIDE))(
    'does not block upgrades of a release without the annotation by $way',
    async ({ by }) => {
      const release = await newRelease();
      await using installed = await Release.install(release, ENFORCED, by);
      const configuration = await configurationName(ENFORCED, release);
      await enforce(configuration);
      await installed.upgrade({ webhook: { timeoutSeconds: 6 } }, by);
      expect(await storedEntries(configuration)).toMatchObject(each({ timeoutSeconds: 3 }));
    },
  );
});

/** An upgraded entry with an unchanged caBundle. Each of two attempts gets half of the timeout. */
const ENTRY = { namespaceSelector: {}, timeoutSeconds: 3, clientConfig: { caBundle: CA_BUNDLE } };

/** Expects the same of all four entries. */
const each = (entry: object) => Array.from({ length: 4 }, () => entry);
