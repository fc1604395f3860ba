import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { WebhookConfiguration, WebhookEntry } from '../../src/installation/configuration.ts';

/** The MutatingWebhookConfiguration that the chart makes, by the name of a golden file. It has every default written out. */
export function chartConfiguration(golden = 'default'): WebhookConfiguration {
  const file = new URL(`../chart/golden/${golden}.golden.yaml`, import.meta.url);
  const objects = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS());
  return objects.find((object) => object?.kind === 'MutatingWebhookConfiguration');
}

/** The same with some fields of both entries, or of one of them, changed. */
export function changedConfiguration(
  change: Partial<WebhookEntry>,
  { only, golden }: { readonly only?: number; readonly golden?: string } = {},
): WebhookConfiguration {
  const { webhooks = [], ...rest } = chartConfiguration(golden);
  return {
    ...rest,
    webhooks: webhooks.map((entry, index) => (only === undefined || only === index ? { ...entry, ...change } : entry)),
  };
}
