import { GATEWAY_LABELS, OPT_OUT_LABEL } from '../../src/admission/gateway.ts';
import type { LiveFacts } from '../../src/commands/why/live-review.ts';
import type { AdmissionCounters } from '../../src/installation/counters.ts';
import { type InstalledPolicy, POLICY_DIRECTIONS } from '../../src/installation/policy.ts';
import type { WebhookEntry } from '../../src/installation/sending.ts';
import type { Labels } from '../../src/objects/label-selector.ts';
import type { ManagedFields, StoredMetadata } from '../../src/objects/stored-object.ts';
import { storedObject } from './objects.ts';

const { standard, owner } = GATEWAY_LABELS;

/** When things were, in the order in which they were. */
export const AT = {
  configured: '2026-11-20T00:00:00Z',
  created: '2026-11-22T00:00:00Z',
  later: '2026-11-22T06:00:00Z',
} as const;

/** The two entries of the chart. */
export const ENTRIES: readonly WebhookEntry[] = [
  entry('add-standard', owner, standard),
  entry('add-owner', standard, owner),
];

function entry(name: string, has: string, lacks: string): WebhookEntry {
  return {
    name,
    rules: [
      {
        operations: ['CREATE'],
        apiGroups: [''],
        apiVersions: ['v1'],
        resources: ['pods', 'services', 'serviceaccounts'],
        scope: 'Namespaced',
      },
    ],
    namespaceSelector: {},
    objectSelector: {
      matchExpressions: [
        { key: has, operator: 'Exists' },
        { key: lacks, operator: 'DoesNotExist' },
        { key: OPT_OUT_LABEL, operator: 'DoesNotExist' },
      ],
    },
  };
}

/** The policies that the chart makes in place of the two entries. */
export const POLICIES: readonly InstalledPolicy[] = POLICY_DIRECTIONS.map((direction, index) => {
  const { rules = [], namespaceSelector = {}, objectSelector = {} } = ENTRIES[index] ?? {};
  return {
    direction,
    metadata: { name: `a-name-${direction}`, creationTimestamp: AT.configured },
    spec: { failurePolicy: 'Ignore', matchConstraints: { resourceRules: rules, namespaceSelector, objectSelector } },
    binding: 'whole',
  };
});

/** What a manager has on record that has set these labels, and other things. */
export function setBy(
  manager: string,
  keys: readonly string[],
  time: string = AT.created,
  others: object = { 'f:spec': {} },
) {
  const labels = Object.fromEntries(keys.map((key) => [`f:${key}`, {}]));
  return { manager, time, fieldsV1: { 'f:metadata': { 'f:labels': labels }, ...others } } satisfies ManagedFields;
}

/** What an API server has counted of the entries since it started. */
export function counted(failOpens: number, since: string = AT.configured): AdmissionCounters {
  return {
    since,
    entries: [
      { name: 'add-standard', failOpens, calls: { 200: 7, 500: failOpens } },
      { name: 'add-owner', failOpens: 100, calls: {} },
    ],
  };
}

/** A Pod whose creation the webhook was sent, as far as anybody knows: the rest makes the difference. */
export function liveFacts(
  labels: Labels,
  rest: Partial<LiveFacts> = {},
  metadata: Partial<StoredMetadata> = {},
): LiveFacts {
  return {
    object: storedObject('Pod', 'shop/envoy', labels, { creationTimestamp: AT.created, ...metadata }),
    namespaceLabels: { value: { team: 'x' } },
    configuration: { value: { creationTimestamp: AT.configured, changedAt: AT.configured, entries: ENTRIES } },
    counters: { value: counted(0) },
    policies: { value: [] },
    ...rest,
  };
}
