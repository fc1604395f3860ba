import { GATEWAY_LABELS, OWNER_NAMESPACE_LABEL } from '../admission/gateway.ts';
import type { StoredMetadata } from './stored-object.ts';

/** A Gateway, as far as the labels of what was generated for it name it. */
export interface GatewayReference {
  /** Undefined where Envoy Gateway's label stands without the one of the namespace: it puts objects where it likes. */
  readonly namespace?: string;
  readonly name: string;
}

/**
 * Returns the Gateway that an object was generated for; undefined for an object of none. Where its labels disagree it is the
 * one that Envoy Gateway's label names.
 *
 * What has the standard label alone is in its Gateway's namespace (GEP-1762).
 */
export function gatewayOf({ labels, namespace: own }: StoredMetadata): GatewayReference | undefined {
  const owner = labels?.[GATEWAY_LABELS.owner];
  const name = owner ?? labels?.[GATEWAY_LABELS.standard];
  if (name === undefined) return undefined;
  const namespace = labels?.[OWNER_NAMESPACE_LABEL] ?? (owner === undefined ? own : undefined);
  return namespace === undefined ? { name } : { namespace, name };
}

/** As it is printed: `namespace/name`, or the name alone. */
export function formatGateway({ namespace, name }: GatewayReference): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
