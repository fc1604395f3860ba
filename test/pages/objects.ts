import { type KubernetesObject, OWNER, objectOf } from '../cluster/objects.ts';

/** What NAMESPACE, RELEASE and NAME on pages stand for. */
export const NAME = 'gateway-name-webhook';

const PROXIES = 'envoy-gateway-system';

/** The objects of a cluster that commands on pages act on. */
export function pageObjects(): KubernetesObject[] {
  const namespaces = [NAME, PROXIES, 'shop', 'gateways'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }));
  const labels = { [OWNER]: 'eg' };
  return [
    ...namespaces,
    objectOf('Pod', { namespace: NAME, name: NAME, labels }),
    objectOf('Pod', { namespace: PROXIES, name: 'envoy-shop-eg-84fd7606-5dd566fd7b-9q4kd', labels }),
    ...(['Pod', 'Service', 'ServiceAccount'] as const).map((kind) => objectOf(kind, { namespace: PROXIES, labels })),
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { namespace: NAME, name: 'serving' },
      spec: { secretName: 'serving', dnsNames: ['localhost'], issuerRef: { name: 'issuer' } },
    },
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace: NAME, name: 'quota' },
      involvedObject: { kind: 'ReplicaSet', namespace: NAME, name: NAME },
      type: 'Warning',
      reason: 'FailedCreate',
    },
  ];
}
