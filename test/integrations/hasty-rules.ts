import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { NAME } from '../e2e/installation.ts';
import { run } from '../e2e/program.ts';

const CHART = fileURLToPath(new URL('../../charts/gateway-name-webhook', import.meta.url));

/** The factor by which `for` and the windows of a rule are shortened. */
const HASTE = 30;

/** Alerts that take longer here, too. */
const LESS_HASTE: Readonly<Record<string, number>> = {
  // It must count enough errors within its window, and a starting replica calls the API server once a second.
  GatewayNameWebhookAPIServerErrors: 15,
  // Its `for` must be longer than a terminating Pod drains, up to 25 s.
  GatewayNameWebhookNotReady: 10,
};

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
}

/** Returns the chart's alert rules for these values with shorter durations: minutes become seconds. */
export async function hastyRules(values: readonly string[]): Promise<readonly Rule[]> {
  const set = ['monitoring.prometheusRule.enabled=true', ...values].flatMap((value) => ['--set', value]);
  const manifests = await run('helm', ['template', NAME, CHART, '--namespace', NAME, ...set]);
  const objects = parseAllDocuments(manifests).map((document) => document.toJS());
  const rule = objects.find((object) => object?.kind === 'PrometheusRule');
  return rule.spec.groups.flatMap(({ rules }: { rules: readonly Rule[] }) => rules).map(hasten);
}

function hasten(rule: Rule): Rule {
  const haste = LESS_HASTE[rule.alert] ?? HASTE;
  const shorten = (text: string) =>
    text.replaceAll(/(?<=^|\[|offset )(\d+)([mh])\b/g, (_, count, unit) => {
      return `${(Number(count) * (unit === 'h' ? 3600 : 60)) / haste}s`;
    });
  return { ...rule, expr: shorten(rule.expr), ...(rule.for && { for: shorten(rule.for) }) };
}
