import type { Kind } from '../admission/gateway.ts';
import { isSelected, type LabelSelector, type Labels } from '../objects/label-selector.ts';

/** An entry of a MutatingWebhookConfiguration, or a policy, as far as it says what it is for, as the API server stores it. */
export interface Sender {
  readonly name: string;
  readonly rules?: readonly WebhookRule[];
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly matchConditions?: readonly { readonly name: string }[];
}

interface WebhookRule {
  readonly operations: readonly string[];
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly scope?: string;
}

/** An object as it is created. */
export interface Creation {
  readonly kind: Kind;
  readonly namespace: string;
  readonly labels: Labels;
  /** Undefined: not known. */
  readonly namespaceLabels: Labels | undefined;
}

/** Whether an entry has an object sent to the webhook, and every reason why it has not, or why that cannot be told. */
export interface Sending {
  readonly sent: 'yes' | 'no' | 'unknown';
  readonly because: readonly string[];
}

/** Tells whether the API server sends an object to the webhook by an entry when it is created. */
export function sendingOf(entry: Sender, creation: Creation): Sending {
  const reasons = reasonsAgainst(entry, creation);
  if (reasons.length > 0) return { sent: 'no', because: reasons };
  const unknowns = unknownsOf(entry, creation);
  return { sent: unknowns.length > 0 ? 'unknown' : 'yes', because: unknowns };
}

function reasonsAgainst({ rules = [], namespaceSelector = {}, objectSelector = {} }: Sender, creation: Creation) {
  const { kind, namespace, labels, namespaceLabels } = creation;
  const resource = `${kind.toLowerCase()}s`;
  return [
    ...(rules.some((rule) => isRuleFor(rule, resource)) ? [] : [`its rules do not cover CREATE of ${resource}`]),
    ...(namespaceLabels === undefined || isSelected(namespaceSelector, namespaceLabels)
      ? []
      : [`its namespaceSelector excludes ${namespace}`]),
    ...(isSelected(objectSelector, labels) ? [] : ['its objectSelector excludes the object']),
  ];
}

function unknownsOf({ namespaceSelector = {}, matchConditions = [] }: Sender, creation: Creation): string[] {
  const isNarrowed = Object.keys(namespaceSelector).length > 0;
  return [
    ...(isNarrowed && creation.namespaceLabels === undefined ? ['depends on its namespaceSelector'] : []),
    ...(matchConditions.length > 0
      ? [`depends on its matchConditions (${matchConditions.map(({ name }) => name).join(', ')})`]
      : []),
  ];
}

/** As the API server matches rules: a resource may have a subresource behind a slash, which none of these is. */
function isRuleFor(
  { operations, apiGroups, apiVersions, resources, scope = '*' }: WebhookRule,
  resource: string,
): boolean {
  return (
    isAmong(operations, 'CREATE') &&
    isAmong(apiGroups, '') &&
    isAmong(apiVersions, 'v1') &&
    isAmong(resources.map(withoutAnySubresource), resource) &&
    scope !== 'Cluster'
  );
}

function withoutAnySubresource(resource: string): string {
  return resource.replace(/\/\*$/, '');
}

function isAmong(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value);
}
