export type Labels = Readonly<Record<string, string>>;

/** A meta/v1 LabelSelector, as the API server stores it. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly LabelRequirement[];
}

interface LabelRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** Reports whether labels match a selector; an empty selector matches everything. */
export function isSelected({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((requirement) => isFulfilled(requirement, labels))
  );
}

function isFulfilled({ key, operator, values = [] }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'In':
      return value !== undefined && values.includes(value);
    // An absent label is not among any values.
    case 'NotIn':
      return value === undefined || !values.includes(value);
    default:
      throw new Error(`Unknown label selector operator "${operator}"`);
  }
}

/** Reports whether a selector refers to a label at all. */
export function asksFor({ matchLabels = {}, matchExpressions = [] }: LabelSelector, key: string): boolean {
  return Object.hasOwn(matchLabels, key) || matchExpressions.some((requirement) => requirement.key === key);
}
