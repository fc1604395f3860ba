import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { WebhookConfiguration, WebhookEntry } from '../../src/installation/configuration.ts';
import { DIRECTIONS, type Direction } from '../../src/installation/direction.ts';

/** The MutatingWebhookConfiguration that the chart renders, from a golden file. */
export function madeConfiguration(golden = 'default'): WebhookConfiguration {
  const file = new URL(`../chart/golden/${golden}.golden.yaml`, import.meta.url);
  const objects = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS());
  return objects.find((object) => object?.kind === 'MutatingWebhookConfiguration');
}

/** The same with one entry per direction, as in charts before they registered further attempts. */
export function chartConfiguration(golden = 'default'): WebhookConfiguration {
  const configuration = madeConfiguration(golden);
  return { ...configuration, webhooks: DIRECTIONS.map((direction) => entryFor(direction, configuration)) };
}

/** The main entry of a direction. */
export function entryFor(direction: Direction, configuration = madeConfiguration()): WebhookEntry {
  const entry = configuration.webhooks?.find(({ name }) => name === `${direction}.label.gateway-name-webhook`);
  if (!entry) throw new Error(`The chart has no entry for the ${direction} label`);
  return entry;
}

/** The same with two entries per direction, which call two Services. */
export function twiceConfiguration(change: Partial<WebhookEntry> = {}): WebhookConfiguration {
  const [standard, owner] = DIRECTIONS.map((direction) => ({ ...entryFor(direction), ...change }));
  if (!standard || !owner) throw new Error('The chart does not have two directions');
  return { ...chartConfiguration(), webhooks: [standard, second(standard), second(owner), owner] };
}

function second(entry: WebhookEntry): WebhookEntry {
  const { clientConfig, name } = entry;
  const service = clientConfig.service && { ...clientConfig.service, name: `${clientConfig.service.name}-second` };
  return {
    ...entry,
    name: `second.${name}`,
    clientConfig: { ...clientConfig, ...(service && { service }) } as WebhookEntry['clientConfig'],
  };
}

/** The configuration with one entry per direction, with some fields changed in both entries or in one. */
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
