import { callApi } from '../cluster/api.ts';
import type { KubernetesObject } from '../cluster/objects.ts';

/** The requirements that AKS adds to every namespaceSelector. */
const REQUIREMENTS = [
  { key: 'kubernetes.azure.com/managedby', operator: 'NotIn', values: ['aks'] },
  { key: 'control-plane', operator: 'NotIn', values: ['true'] },
] as const;
const DISABLED = 'admissions.enforcer/disabled';

interface Selected {
  readonly namespaceSelector: {
    readonly matchExpressions?: readonly { readonly key: string }[];
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/**
 * Does what the admissions enforcer of AKS does: updates a configuration, as a separate field manager, so that every
 * namespaceSelector excludes AKS namespaces. A label or an annotation disables it.
 */
export async function enforce(configuration: string): Promise<void> {
  const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${configuration}`;
  const { metadata, ...object } = (await callApi('GET', path)).body as KubernetesObject;
  const annotations = metadata['annotations'] as Readonly<Record<string, string>> | undefined;
  if (metadata.labels?.[DISABLED] === 'true' || annotations?.[DISABLED] === 'true') return;

  const webhooks = (object['webhooks'] as readonly Selected[]).map(({ namespaceSelector, ...entry }) => {
    const { matchExpressions = [] } = namespaceSelector;
    const missing = REQUIREMENTS.filter(({ key }) => !matchExpressions.some((given) => given.key === key));
    return {
      ...entry,
      namespaceSelector: { ...namespaceSelector, matchExpressions: [...matchExpressions, ...missing] },
    };
  });
  const { status, body } = await callApi('PUT', `${path}?fieldManager=admissionsenforcer`, {
    ...object,
    metadata,
    webhooks,
  });
  if (status !== 200) throw new Error(`Cannot update ${configuration}: ${JSON.stringify(body)}`);
}
