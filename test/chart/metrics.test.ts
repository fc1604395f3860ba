import { readFileSync } from 'node:fs';
import { expect, inject, test } from 'vitest';
import { buildMetrics } from '../../src/server/metrics.ts';
import { eventually } from '../cluster/eventually.ts';
import { cluster, kubectl } from '../cluster/kubectl.ts';
import { create, createNamespace, OWNER, objectOf, STANDARD } from '../cluster/objects.ts';
import { failOpensDuring } from '../cluster/registration.ts';
import { documentedBlock } from '../support/documented.ts';
import { readPage } from '../support/pages.ts';
import { Guarded } from './guarded.ts';
import { CHART, Release, render } from './helm.ts';
import { describeInstalled, newRelease } from './installed.ts';
import { rulesOf } from './rules.ts';

/** The dashboard's queries, of its panels and its variables. */
const DASHBOARD = JSON.parse(readFileSync(`${CHART}/dashboards/gateway-name-webhook.json`, 'utf8'));
const DASHBOARD_QUERIES: readonly string[] = [
  ...DASHBOARD.panels.flatMap(({ targets }: { targets: { expr: string }[] }) => targets.map(({ expr }) => expr)),
  ...DASHBOARD.templating.list.map(({ query }: { query: string }) => query),
];

const DOCUMENTED_QUERIES = [
  documentedBlock('docs/monitoring.md', 'promql', 'apiserver_admission_webhook_request_total'),
  documentedBlock('docs/monitoring.md', 'promql', 'apiserver_mutating_admission_policy_check_total'),
];

/** Metrics that an API server exports only if it serves policies. */
const OF_POLICIES = [
  'apiserver_admission_match_condition_evaluation_errors_total',
  'apiserver_mutating_admission_policy_check_total',
];

describeInstalled('every metric that an alert, the dashboard or docs/monitoring.md names', () => {
  test('is exported by the webhook or the API server', async () => {
    const hasPolicies = cluster().policyVersion !== undefined;
    const { registry, trust } = buildMetrics({
      version: '0.0.0',
      notReadyReason: async () => undefined,
    });
    // Exported only after the caBundle has been checked.
    trust.onCABundle(true);
    const shown = new Set([
      ...metricsShown(await registry.metrics()),
      ...metricsShown(await apiServerMetricsAfterFailures()),
      ...(hasPolicies ? metricsShown(await apiServerMetricsAfterFailedPolicies()) : []),
    ]);
    const rules = await Promise.all(['self', 'cert-manager', 'provided'].map((mode) => rulesOf(mode)));
    const expressions = rules.flatMap(({ groups }) => groups.flatMap((group) => group.rules.map(({ expr }) => expr)));
    const named = new Set([...expressions, ...DASHBOARD_QUERIES, ...DOCUMENTED_QUERIES].flatMap(metricsNamed));

    expect(named.size).toBeGreaterThan(15);
    const missing = [...named].filter((metric) => !shown.has(metric));
    expect(missing.sort()).toEqual(hasPolicies ? [] : OF_POLICIES);
  });
});

describeInstalled('a denial of the guard of heal', () => {
  test('is counted by the API server with the labels that the alert selects', async () => {
    await using guarded = await Guarded.install({});
    const [, labels = ''] =
      (await kubectl(['get', '--raw', '/metrics'])).match(
        new RegExp(`^apiserver_validating_admission_policy_check_total{(.*policy="${guarded.heal}",.*)} [1-9]`, 'm'),
      ) ?? [];
    const rules = (await rulesOf('self', guarded.release)).groups.flatMap((group) => group.rules);
    const { expr } = rules.find(({ alert }) => alert === 'GatewayNameWebhookHealDenied') ?? { expr: '' };
    const [, matchers = ''] = expr.match(/check_total{(.*?)}/) ?? [];
    expect(matchers).toContain('deny');
    expect(labels.split(',')).toEqual(expect.arrayContaining(matchers.split(',')));
  });
});

test.skipIf(inject('helm') === null)(
  'every alert links to a section of the runbooks, and every section has one',
  async () => {
    const { text: runbooks } = readPage('docs/runbooks.md');
    const sections = [...runbooks.matchAll(/^## (.*)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    );
    const { groups } = await rulesOf('self');
    const links = groups.flatMap(({ rules }) => rules.map(({ annotations }) => annotations['runbook_url'] ?? ''));

    expect(new Set(links.map((link) => link.replace(/^.*\/docs\/runbooks\.md#/, '')))).toEqual(new Set(sections));
    const other = await render({
      monitoring: { prometheusRule: { enabled: true, runbookUrl: 'https://runbooks.example.com/webhook' } },
    });
    expect(other).toContain('runbook_url: https://runbooks.example.com/webhook#gatewaynamewebhookdown');
  },
);

/**
 * Returns the API server's metrics after a call has failed open, because no webhook listens, and after the guard of heal has
 * denied a request.
 */
async function apiServerMetricsAfterFailures(): Promise<string> {
  const url = 'https://127.0.0.1:1/mutate';
  await using _guarded = await Guarded.install({ webhook: { clientConfig: { url } } });
  const namespace = await createNamespace();
  const object = objectOf('ServiceAccount', { generateName: 'eg-', namespace, labels: { [OWNER]: 'eg' } });
  await eventually('the API server to fail open', async () => {
    const failOpens = await failOpensDuring(() => create(object));
    return failOpens['standard.label.gateway-name-webhook'];
  });
  return kubectl(['get', '--raw', '/metrics']);
}

/**
 * Returns the API server's metrics after policies have failed, in each way that it counts separately. The policies are edited
 * for this: no object makes the chart's policies fail.
 */
async function apiServerMetricsAfterFailedPolicies(): Promise<string> {
  const release = await newRelease();
  await using _installed = await Release.install(release, { engine: 'policy', fullnameOverride: release.name });
  const patches = {
    standard: [
      { op: 'replace', path: '/spec/matchConditions/0/expression', value: "object.metadata.labels['no'] == ''" },
    ],
    owner: [
      {
        op: 'replace',
        path: '/spec/mutations/0/jsonPatch/expression',
        value: '[JSONPatch{op: "add", path: "/no/no", value: ""}]',
      },
    ],
  };
  for (const [direction, patch] of Object.entries(patches)) {
    const policy = `mutatingadmissionpolicy/${release.name}-${direction}`;
    await kubectl(['patch', policy, '--type=json', '-p', JSON.stringify(patch)]);
  }
  const namespace = await createNamespace();
  // Awaited, because the release is uninstalled on return.
  return await eventually('both policies to fail', async () => {
    for (const labels of [{ [OWNER]: 'eg' }, { [STANDARD]: 'eg' }]) {
      await create(objectOf('ServiceAccount', { generateName: 'eg-', namespace, labels }));
    }
    const metrics = await kubectl(['get', '--raw', '/metrics']);
    const failed = [
      `apiserver_admission_match_condition_evaluation_errors_total{kind="policy",name="${release.name}-standard",`,
      `apiserver_mutating_admission_policy_check_total{error_type="invalid_error",policy="${release.name}-owner",`,
    ];
    return failed.every((sample) => metrics.includes(sample)) ? metrics : undefined;
  });
}

/** The names of the metrics in a response; for a histogram, the names of its series. */
function metricsShown(text: string): readonly string[] {
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type = '']) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
  );
}

/** The names of the metrics in a query: words before matchers, and the arguments of Grafana's label_values(). */
function metricsNamed(query: string): readonly string[] {
  const withoutStrings = query.replaceAll(/"[^"]*"/g, '""');
  return [...withoutStrings.matchAll(/\b([a-z][a-z0-9_]*)\{|label_values\(([a-z0-9_]+),/g)].map(
    ([, name, asked]) => name ?? asked ?? '',
  );
}
