import { expect, test } from 'vitest';
import { enforce } from './admissions-enforcer.ts';
import { CHART, helm, Release, SERVER_SIDE, type Values, WAYS } from './helm.ts';
import { configurationName, describeInstalled, drift, newRelease, storedEntries, writeCABundle } from './installed.ts';

const CA = '-----BEGIN CERTIFICATE-----\nof the webhook\n-----END CERTIFICATE-----\n';
const CA_BUNDLE = Buffer.from(CA).toString('base64');
const ENFORCED: Values = { webhook: { annotations: { 'admissions.enforcer/disabled': null } } };

describeInstalled('the admissions enforcer of AKS', () => {
  test('leaves a release alone, and Helm 4 upgrades it', async () => {
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

  test('keeps Helm 4 from upgrading a release without the annotation, until an upgrade with it is forced', async () => {
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
    'does not keep $way from upgrading a release without the annotation',
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

/** As upgraded, with the webhook's own field untouched. Each of two attempts has half of the time. */
const ENTRY = { namespaceSelector: {}, timeoutSeconds: 3, clientConfig: { caBundle: CA_BUNDLE } };

/** What is expected of each of the four entries. */
const each = (entry: object) => Array.from({ length: 4 }, () => entry);
