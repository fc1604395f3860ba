import { readFileSync } from 'node:fs';
import { NAME } from '../e2e/installation.ts';

const FILE = new URL('../../charts/gateway-name-webhook/dashboards/gateway-name-webhook.json', import.meta.url);

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}

/** A panel, with the fields of Grafana's format that the dashboard uses. */
export interface Panel {
  readonly title: string;
  readonly type: 'stat' | 'timeseries';
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit: string;
      readonly thresholds?: { readonly steps: readonly { readonly color: string; readonly value: number | null }[] };
      readonly mappings?: readonly { readonly options: Readonly<Record<string, { readonly text: string }>> }[];
    };
  };
  readonly options: { readonly textMode?: 'name' };
  readonly transformations?: readonly {
    readonly id: 'renameByRegex';
    readonly options: { readonly regex: string; readonly renamePattern: string };
  }[];
  readonly targets: readonly Target[];
}

/** The values of Grafana's variables `$__range` and `$__rate_interval`, as PromQL durations. */
interface Times {
  readonly range: string;
  readonly rateInterval: string;
}

/** Returns the panels of the chart's dashboard, with all variables in their queries replaced. */
export function dashboardPanels({ range, rateInterval }: Times): readonly Panel[] {
  const values: Readonly<Record<string, string>> = {
    $job: NAME,
    $namespace: NAME,
    $__range: range,
    $__rate_interval: rateInterval,
  };
  const { panels } = JSON.parse(readFileSync(FILE, 'utf8')) as { panels: readonly Panel[] };
  return panels.map((panel) => ({
    ...panel,
    targets: panel.targets.map(({ expr, legendFormat }) => ({
      legendFormat,
      expr: expr.replaceAll(/\$\w+/g, (name) => values[name] ?? name),
    })),
  }));
}
