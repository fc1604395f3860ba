import { GATEWAY_LABELS, type Kind, OWNER_NAMESPACE_LABEL } from '../../src/admission/gateway.ts';
import type { Labels } from '../../src/objects/label-selector.ts';
import type { StoredMetadata, StoredObject } from '../../src/objects/stored-object.ts';

/** Short names for the labels in tests. */
export const STANDARD = (name: string): Labels => ({ [GATEWAY_LABELS.standard]: name });
export const OWNER = (name: string, namespace?: string): Labels => ({
  [GATEWAY_LABELS.owner]: name,
  ...(namespace !== undefined && { [OWNER_NAMESPACE_LABEL]: namespace }),
});

/** A stored object. Its namespace is `envoy-gateway-system`, unless the name is `namespace/name`. */
export function storedObject(
  kind: Kind,
  path: string,
  labels: Labels,
  rest: Partial<StoredMetadata> = {},
): StoredObject {
  const [name = '', namespace = 'envoy-gateway-system'] = path.split('/').reverse();
  const metadata = { resourceVersion: '1', creationTimestamp: '2026-11-23T09:00:00Z' };
  return { kind, metadata: { ...metadata, namespace, name, uid: `${kind}/${namespace}/${name}`, labels, ...rest } };
}
