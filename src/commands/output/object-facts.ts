import type { Kind } from '../../admission/gateway.ts';
import type { Finding } from '../../objects/finding.ts';
import { formatGateway, gatewayOf } from '../../objects/gateway-reference.ts';
import type { StoredObject } from '../../objects/stored-object.ts';

interface NamedObject {
  readonly kind: Kind;
  readonly metadata: { readonly name: string };
}

/** As `kubectl get -o name` has it. */
export function resourceName({ kind, metadata }: NamedObject): string {
  return `${kind.toLowerCase()}/${metadata.name}`;
}

/** An object and the rule's decision, for JSON and YAML. */
export function findingFacts({ object, decision }: Finding) {
  const { namespace, name, creationTimestamp, labels } = object.metadata;
  return {
    kind: object.kind,
    namespace,
    name,
    reason: decision.reason,
    gateway: gatewayOf(object.metadata),
    owner: ownerOf(object),
    creationTimestamp,
    labels,
    add: decision.add && { [decision.add.key]: decision.add.value },
  };
}

/** The Gateway that an object's labels name; empty when they name none. */
export function gatewayName({ metadata }: StoredObject): string {
  const gateway = gatewayOf(metadata);
  return gateway ? formatGateway(gateway) : '';
}

/** What manages an object: `ReplicaSet/a-name`; undefined when nothing does. */
export function ownerOf({ metadata }: StoredObject): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller) ?? metadata.ownerReferences?.[0];
  return owner && `${owner.kind}/${owner.name}`;
}
