import { GATEWAY_LABELS, OWNER_NAMESPACE_LABEL } from '../admission/gateway.ts';
import type { StoredMetadata } from './stored-object.ts';

/** A Gateway, as far as the labels of what was generated for it name it. */
export interface GatewayReference {
  /** Undefined where Envoy Gateway's label stands alone, without the one of the namespace: it puts objects where it likes. */
  readonly namespace?: string;
  readonly name: string;
}

/**
 * Returns the Gateway that an object was generated for; undefined for an object of none. Where its labels disagree it is the
 * one that Envoy Gateway's label names.
 */
export function gatewayOf(metadata: StoredMetadata): GatewayReference | undefined {
  return gatewaysOf(metadata)[0];
}

/**
 * Returns every Gateway that an object's labels name: two where they disagree, Envoy Gateway's first.
 *
 * What the standard label names is in the object's own namespace (GEP-1762), unless Envoy Gateway says which it is.
 */
export function gatewaysOf({ labels, namespace: own }: StoredMetadata): GatewayReference[] {
  const standard = labels?.[GATEWAY_LABELS.standard];
  const owner = labels?.[GATEWAY_LABELS.owner];
  const said = labels?.[OWNER_NAMESPACE_LABEL];
  if (standard === owner || standard === undefined || owner === undefined) {
    const name = owner ?? standard;
    return name === undefined ? [] : [reference(name, said ?? (standard === undefined ? undefined : own))];
  }
  return [reference(owner, said), reference(standard, own)];
}

function reference(name: string, namespace: string | undefined): GatewayReference {
  return namespace === undefined ? { name } : { namespace, name };
}

/** As it is printed: `namespace/name`, or the name alone. */
export function formatGateway({ namespace, name }: GatewayReference): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
