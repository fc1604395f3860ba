import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderObjects } from '../chart/helm.ts';
import { describeInstalled } from '../chart/installed.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { documentedBlock } from '../support/documented.ts';

describeInstalled("the values that the chart's README shows", () => {
  test('make a NetworkPolicy with their peers, which the API server accepts', async () => {
    const values = documentedBlock('charts/gateway-name-webhook/README.md', 'yaml', 'networkPolicy:');
    const { admissionFrom, metricsFrom } = parse(values).networkPolicy;
    const release = { name: 'gateway-name-webhook', namespace: 'default' };
    const policies = (await renderObjects(values, release)).filter(({ kind }) => kind === 'NetworkPolicy');
    expect(policies).toHaveLength(1);
    const text = JSON.stringify(policies);
    for (const peer of [...admissionFrom, ...metricsFrom]) expect(text).toContain(JSON.stringify(peer));
    const [policy] = policies;
    expect(await kubectl(['create', '--dry-run=server', '-f', '-'], policy)).toContain('created (server dry run)');
  });
});
