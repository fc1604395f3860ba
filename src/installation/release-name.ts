/** A label of everything that the chart creates. */
export const CHART_LABEL = 'app.kubernetes.io/name=gateway-name-webhook';

/** The default name of a release's objects. */
export const DEFAULT_NAME = 'gateway-name-webhook';

/** The chart adds it to the name of the configuration, and nothing else, in certificate mode `provided`. */
export const PROVIDED = '-provided';

/** The name of a release's objects, from that of its MutatingWebhookConfiguration. */
export function objectsName(configuration: string): string {
  return configuration.endsWith(PROVIDED) ? configuration.slice(0, -PROVIDED.length) : configuration;
}
