import { GATEWAY_LABELS, OWNER_NAMESPACE_LABEL } from '../admission/gateway.ts';
import type { StoredMetadata } from './stored-object.ts';

/** A Gateway, as far as labels of its generated objects name it. */
export interface GatewayReference {
  /** Undefined if only Envoy Gateway's label is set, without its namespace label: the objects may be in any namespace. */
  readonly namespace?: string;
  readonly name: string;
}

/**
 * Returns the Gateway that an object was generated for; undefined if there is none. If its labels conflict, this is the Gateway
 * that Envoy Gateway's label names.
 */
export function gatewayOf(metadata: StoredMetadata): GatewayReference | undefined {
  return gatewaysOf(metadata)[0];
}

/**
 * Returns every Gateway that an object's labels name: two if they conflict, that of Envoy Gateway's label first.
 *
 * The Gateway of the standard label is in the object's own namespace (GEP-1762), unless Envoy Gateway's label names another.
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
