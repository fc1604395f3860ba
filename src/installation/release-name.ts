/** The chart gives it to all that it makes. */
export const CHART_LABEL = 'app.kubernetes.io/name=gateway-name-webhook';

/** What the objects of a release are called unless somebody says otherwise. */
export const DEFAULT_NAME = 'gateway-name-webhook';

/** What the chart adds to the name of the configuration, and of nothing else, in certificate mode `provided`. */
export const PROVIDED = '-provided';

/** The name that a release's objects have, by that of its MutatingWebhookConfiguration. */
export function objectsName(configuration: string): string {
  return configuration.endsWith(PROVIDED) ? configuration.slice(0, -PROVIDED.length) : configuration;
}
