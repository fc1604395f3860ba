import { type ReleaseName, renderObjects } from './helm.ts';

export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Renders the chart's alert rules for a mode and an engine, in the format of a Prometheus rule file. */
export async function rulesOf(
  mode: string,
  release?: ReleaseName,
  engine = 'both',
): Promise<{ readonly groups: readonly { readonly rules: readonly Rule[] }[] }> {
  const objects = await renderObjects(
    {
      engine,
      monitoring: { prometheusRule: { enabled: true } },
      heal: { schedule: '@hourly' },
      certificates: { mode, provided: { secretName: 'tls', caBundle: '-----BEGIN CERTIFICATE-----' } },
    },
    release,
  );
  const [rule] = objects.filter(({ kind }) => kind === 'PrometheusRule');
  return rule?.['spec'] as Awaited<ReturnType<typeof rulesOf>>;
}
