import { describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
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
