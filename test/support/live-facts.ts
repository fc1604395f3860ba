import type { LiveFacts } from '../../src/commands/why/live-review.ts';
import type { WebhookConfiguration, WebhookEntry } from '../../src/installation/configuration.ts';
import type { AdmissionCounters } from '../../src/installation/counters.ts';
import { DIRECTIONS } from '../../src/installation/direction.ts';
import type { Installation } from '../../src/installation/installation.ts';
import type { InstalledPolicy } from '../../src/installation/policy.ts';
import type { Labels } from '../../src/objects/label-selector.ts';
import type { ManagedFields, StoredMetadata } from '../../src/objects/stored-object.ts';
import { entryFor } from './chart-configuration.ts';
import { storedObject } from './objects.ts';

/** Points in time, in order. */
export const AT = {
  configured: '2026-11-20T00:00:00Z',
  created: '2026-11-22T00:00:00Z',
  later: '2026-11-22T06:00:00Z',
} as const;

/** The chart's two webhook entries. */
export const ENTRIES: readonly WebhookEntry[] = DIRECTIONS.map((direction) => entryFor(direction));

/** A stored webhook configuration with these entries. */
export function configurationOf(
  webhooks: readonly WebhookEntry[],
  creationTimestamp: string = AT.configured,
  changed: string = creationTimestamp,
): WebhookConfiguration {
  const fieldsV1 = { 'f:webhooks': { 'k:{"name":"a"}': { 'f:rules': {} } } };
  return { metadata: { name: 'a-name', creationTimestamp, managedFields: [{ time: changed, fieldsV1 }] }, webhooks };
}

/** The policies that the chart installs instead of the two entries. */
export const POLICIES: readonly InstalledPolicy[] = DIRECTIONS.map((direction, index) => {
  const { rules = [], namespaceSelector = {}, objectSelector = {} } = ENTRIES[index] ?? {};
  return {
    direction,
    metadata: { name: `a-name-${direction}`, creationTimestamp: AT.configured },
    spec: { failurePolicy: 'Ignore', matchConstraints: { resourceRules: rules, namespaceSelector, objectSelector } },
    binding: 'whole',
  };
});

/** The managedFields of a manager that set these labels, and other fields. */
export function setBy(
  manager: string,
  keys: readonly string[],
  time: string = AT.created,
  others: object = { 'f:spec': {} },
) {
  const labels = Object.fromEntries(keys.map((key) => [`f:${key}`, {}]));
  return { manager, time, fieldsV1: { 'f:metadata': { 'f:labels': labels }, ...others } } satisfies ManagedFields;
}

/** An API server's counts for the entries since it started. */
export function counted(failOpens: number, since: string = AT.configured): AdmissionCounters {
  return {
    since,
    entries: [
      { name: 'standard.label.gateway-name-webhook', failOpens, calls: { 200: 7, 500: failOpens } },
      { name: 'owner.label.gateway-name-webhook', failOpens: 100, calls: {} },
    ],
  };
}

/** Facts about a Pod, each of them optional. */
export type KnownFacts = Partial<Omit<LiveFacts, 'installation'> & Omit<Installation, 'name'>>;

/** A Pod that the webhook should have received; tests override the facts. */
export function liveFacts(labels: Labels, rest: KnownFacts = {}, metadata: Partial<StoredMetadata> = {}): LiveFacts {
  const { configuration = { value: configurationOf(ENTRIES) }, policies = { value: [] }, ...others } = rest;
  return {
    object: storedObject('Pod', 'shop/envoy', labels, { creationTimestamp: AT.created, ...metadata }),
    namespaceLabels: { value: { team: 'x' } },
    installation: { name: 'a-name', configuration, policies },
    counters: { value: counted(0) },
    ...others,
  };
}
