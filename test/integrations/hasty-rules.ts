import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { NAME } from '../e2e/installation.ts';
import { run } from '../e2e/program.ts';

const CHART = fileURLToPath(new URL('../../charts/gateway-name-webhook', import.meta.url));

/** How many times shorter `for` and the windows of a rule are here. */
const HASTE = 30;

/** Of one whose threshold must be reached in a window: a replica that starts asks the API server once a second. */
const LESS_HASTE: Readonly<Record<string, number>> = { GatewayNameWebhookAPIServerErrors: 15 };

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
}

/** The chart's alert rules for these values, with every duration made shorter: minutes become seconds. */
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
