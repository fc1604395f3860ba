import { describe, expect, test } from 'vitest';
import { releaseOf } from '../../src/installation/configuration.ts';
import { installedServices } from '../../src/installation/service.ts';
import { changedConfiguration, chartConfiguration, twiceConfiguration } from '../support/chart-configuration.ts';

const HERE = { name: 'a-name', namespace: 'here' };

/** The Services, with the names of the entries that call them. */
function services(...args: Parameters<typeof installedServices>) {
  return installedServices(...args).map(({ entries, ...service }) => ({
    ...service,
    entries: entries.map(({ name }) => name),
  }));
}

const ENTRIES = ['standard.label.gateway-name-webhook', 'owner.label.gateway-name-webhook'];

describe('installedServices()', () => {
  test('returns the Service of the webhook configuration', () => {
    const service = { namespace: 'its-namespace', name: 'its-name', port: 8443, path: '/mutate' };
    expect(services(changedConfiguration({ clientConfig: { service } }), HERE)).toEqual([
      {
        namespace: 'its-namespace',
        name: 'its-name',
        port: 8443,
        calledName: 'its-name.its-namespace.svc',
        entries: ENTRIES,
      },
    ]);
  });

  test('returns two Services if attempts call two', () => {
    const service = { namespace: 'its-namespace', name: 'its-name', port: 443, path: '/mutate' };
    expect(services(twiceConfiguration({ clientConfig: { service } }), HERE)).toMatchObject([
      { name: 'its-name', entries: ENTRIES },
      { name: 'its-name-second', entries: ENTRIES.map((name) => `second.${name}`) },
    ]);
  });

  test.for([
    ['https://webhook.example.com:30443/mutate', 'webhook.example.com'],
    ['https://[fd00::1]/mutate', 'fd00::1'],
  ] as const)("returns the chart's Service if the webhook has the URL %s", ([url, calledName]) => {
    const configuration = changedConfiguration({ clientConfig: { url } });
    const unported = { name: 'a-name', port: undefined, calledName, entries: ENTRIES };
    expect(services(configuration, HERE)).toEqual([{ ...unported, namespace: 'here' }]);
    const annotations = { 'meta.helm.sh/release-name': 'a-release', 'meta.helm.sh/release-namespace': 'there' };
    const released = { ...configuration, metadata: { ...configuration.metadata, annotations } };
    expect(services(released, HERE)).toEqual([{ ...unported, namespace: 'there' }]);
  });

  test.for([undefined, { ...chartConfiguration(), webhooks: [] }, { metadata: chartConfiguration().metadata }])(
    "returns the chart's Service without entries: %j",
    (none) => {
      expect(services(none, HERE)).toEqual([
        { namespace: 'here', name: 'a-name', port: 443, calledName: 'a-name.here.svc', entries: [] },
      ]);
    },
  );
});

test.for([undefined, { 'meta.helm.sh/release-name': 'a-release' }, { 'meta.helm.sh/release-namespace': 'there' }])(
  'releaseOf() returns undefined for %j',
  (annotations) => {
    const metadata = { name: 'a', creationTimestamp: '2026-11-19T00:00:00Z' };
    expect(releaseOf({ metadata: { ...metadata, ...(annotations && { annotations }) } })).toBeUndefined();
  },
);
