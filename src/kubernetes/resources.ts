import type { Kind } from '../admission/gateway.ts';
import type { SelectingKind } from '../objects/object-store.ts';

/** The API paths of the objects of a kind. */
const RESOURCES: Readonly<Record<Kind | SelectingKind | 'Namespace', { readonly api: string; readonly name: string }>> =
  {
    Namespace: { api: '/api/v1', name: 'namespaces' },
    NetworkPolicy: { api: '/apis/networking.k8s.io/v1', name: 'networkpolicies' },
    Pod: { api: '/api/v1', name: 'pods' },
    PodDisruptionBudget: { api: '/apis/policy/v1', name: 'poddisruptionbudgets' },
    Service: { api: '/api/v1', name: 'services' },
    ServiceAccount: { api: '/api/v1', name: 'serviceaccounts' },
  };

/** The path of all objects of a kind, in one namespace or in all. */
export function listPath(kind: keyof typeof RESOURCES, namespace: string | undefined): string {
  const { api, name } = RESOURCES[kind];
  return namespace === undefined ? `${api}/${name}` : `${api}/namespaces/${namespace}/${name}`;
}
