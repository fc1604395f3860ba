import type { Kind } from '../admission/gateway.ts';
import { isSelected, type LabelSelector, type Labels } from '../objects/label-selector.ts';

/** An entry of a MutatingWebhookConfiguration, or a policy: the stored fields that select objects. */
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

/** Whether an entry matches an object, with every reason why not, or why that is unknown. */
export interface Sending {
  readonly sent: 'yes' | 'no' | 'unknown';
  readonly because: readonly string[];
}

/** Reports whether an entry matches an object when it is created. */
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

/** Matches a rule as the API server does. A resource may have a subresource after a slash, which does not apply here. */
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
