/** A permission, as RBAC grants it: a verb on a resource. */
export interface Right {
  readonly verb: string;
  /** The API group; empty for core/v1. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespaced: boolean;
}

export interface MissingRight extends Right {
  /** Undefined if it is missing in all namespaces, or is not namespaced. */
  readonly namespace: string | undefined;
}

/** As kubectl writes it: `pods`, `poddisruptionbudgets.policy`, `pods/portforward`. */
export function resourceOf({ group, resource, subresource }: Right): string {
  return `${resource}${group && `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
}
