import { describe, expect, test } from 'vitest';
import { releaseOf } from '../../src/installation/configuration.ts';
import { installedService } from '../../src/installation/service.ts';
import { changedConfiguration, chartConfiguration } from '../support/chart-configuration.ts';

const HERE = { name: 'a-name', namespace: 'here' };

describe('installedService()', () => {
  test('is what the configuration names', () => {
    const service = { namespace: 'its-namespace', name: 'its-name', port: 8443, path: '/mutate' };
    expect(installedService(changedConfiguration({ clientConfig: { service } }), HERE)).toEqual({
      namespace: 'its-namespace',
      name: 'its-name',
      port: 8443,
      calledName: 'its-name.its-namespace.svc',
    });
  });

  test.for([
    ['https://webhook.example.com:30443/mutate', 'webhook.example.com'],
    ['https://[fd00::1]/mutate', 'fd00::1'],
  ] as const)('has the name of the chart where the webhook is called by %s', ([url, calledName]) => {
    const configuration = changedConfiguration({ clientConfig: { url } });
    const unported = { name: 'a-name', port: undefined, calledName };
    expect(installedService(configuration, HERE)).toEqual({ ...unported, namespace: 'here' });
    const annotations = { 'meta.helm.sh/release-name': 'a-release', 'meta.helm.sh/release-namespace': 'there' };
    const released = { ...configuration, metadata: { ...configuration.metadata, annotations } };
    expect(installedService(released, { ...HERE, name: 'a-name-provided' })).toEqual({
      ...unported,
      namespace: 'there',
    });
  });

  test.for([undefined, { ...chartConfiguration(), webhooks: [] }])('is guessed where nothing names it: %j', (none) => {
    expect(installedService(none, HERE)).toEqual({
      namespace: 'here',
      name: 'a-name',
      port: 443,
      calledName: 'a-name.here.svc',
    });
  });
});

test.for([undefined, { 'meta.helm.sh/release-name': 'a-release' }, { 'meta.helm.sh/release-namespace': 'there' }])(
  'releaseOf() knows no release by %j',
  (annotations) => {
    expect(releaseOf({ metadata: { name: 'a', ...(annotations && { annotations }) } })).toBeUndefined();
  },
);
