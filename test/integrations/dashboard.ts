import { readFileSync } from 'node:fs';
import { NAME } from '../e2e/installation.ts';

const FILE = new URL('../../charts/gateway-name-webhook/dashboards/gateway-name-webhook.json', import.meta.url);

/** What Grafana puts in place of a dashboard's variables. */
const VARIABLES: Readonly<Record<string, string>> = {
  $job: NAME,
  $namespace: NAME,
  $__range: '5m',
  $__rate_interval: '1m',
};

/** The queries of the chart's dashboard as Grafana sends them, with the titles of their panels. */
export function dashboardQueries(): readonly (readonly [title: string, query: string])[] {
  const { panels } = JSON.parse(readFileSync(FILE, 'utf8'));
  return panels.flatMap(({ title, targets }: { title: string; targets: readonly { expr: string }[] }) =>
    targets.map(({ expr }) => [title, expr.replaceAll(/\$\w+/g, (name) => VARIABLES[name] ?? name)]),
  );
}
