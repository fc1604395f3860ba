import { describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { describeCluster } from '../cluster/cluster-test.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { documentedBlock } from '../support/documented.ts';
import { renderObjects } from './helm.ts';
import { podTemplatesOf } from './pod-templates.ts';

const INSTANCE = 'app.kubernetes.io/instance';

/** How Prometheus names these two in service discovery. */
const SOURCES = ['__meta_kubernetes_pod_label_app_kubernetes_io_instance', '__meta_kubernetes_pod_container_port_name'];

describe.skipIf(inject('helm') === null)('the scrape configuration in docs/monitoring.md', () => {
  test('keeps the metrics port of each replica, and no other port of the release', async () => {
    const [config] = parse(documentedBlock('docs/monitoring.md', 'yaml', 'scrape_configs')).scrape_configs;
    const [keep] = config.relabel_configs;
    expect([keep.source_labels, keep.action, config.job_name]).toEqual([SOURCES, 'keep', 'gateway-name-webhook']);

    const objects = await renderObjects({ heal: { schedule: '@hourly' } });
    const kept = objects
      .flatMap(podTemplatesOf)
      .flatMap(({ metadata, spec }) =>
        spec.containers
          .flatMap(({ ports = [] }) => ports)
          .filter(({ name }) => new RegExp(`^(?:${keep.regex})$`).test(`${metadata.labels[INSTANCE]};${name}`)),
      );
    expect(kept.map(({ name }) => name)).toEqual(['metrics', 'metrics']);
  });
});

describeCluster('the scrape configuration for API servers in docs/monitoring.md', () => {
  test('keeps their EndpointSlice', async () => {
    const [config] = parse(documentedBlock('docs/monitoring.md', 'yaml', 'kubernetes-apiservers')).scrape_configs;
    const [discovery] = config.kubernetes_sd_configs;
    const slices = JSON.parse(
      await kubectl(['get', 'endpointslices', '-n', discovery.namespaces.names[0], '-o', 'json']),
    );
    const kept = slices.items.flatMap((slice: EndpointSlice) =>
      slice.ports.filter(({ name }) => {
        const service = slice.metadata.labels['kubernetes.io/service-name'];
        return new RegExp(`^(?:${config.relabel_configs[0].regex})$`).test(`${service};${name}`);
      }),
    );
    expect(kept).toHaveLength(1);
  });
});

interface EndpointSlice {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly ports: readonly { readonly name: string }[];
}
