import type { StoredMetadata, StoredObject } from '../../src/objects/stored-object.ts';

export const STANDARD = 'gateway.networking.k8s.io/gateway-name';
export const OWNER = 'gateway.envoyproxy.io/owning-gateway-name';
export const OWNER_NAMESPACE = 'gateway.envoyproxy.io/owning-gateway-namespace';

export function gatewayObject(
  name: string,
  labels: Readonly<Record<string, string>>,
  { kind = 'Service', ...metadata }: Partial<StoredMetadata & Pick<StoredObject, 'kind'>> = {},
): StoredObject {
  return {
    kind,
    metadata: {
      namespace: 'a-namespace',
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
      ...metadata,
    },
  };
}
