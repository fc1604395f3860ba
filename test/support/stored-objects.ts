import { GATEWAY_LABELS, type Kind, MANAGED_BY, OWNER_NAMESPACE_LABEL } from '../../src/admission/gateway.ts';
import type { LabelSelector, Labels } from '../../src/objects/label-selector.ts';
import type { PodSelecting, SelectingKind } from '../../src/objects/object-store.ts';
import type { StoredMetadata } from '../../src/objects/stored-object.ts';

/** The fields of an object, without those that the store sets. */
export interface NewObject {
  readonly kind: Kind;
  readonly metadata: Pick<StoredMetadata, 'namespace' | 'name'> & Partial<StoredMetadata>;
}

export const CREATED_AT = '2026-11-22T10:00:00Z';
export const STANDARD = GATEWAY_LABELS.standard;
export const OWNER = GATEWAY_LABELS.owner;

/** An object in the namespace `system`, unless the name is `namespace/name`. */
export function newObject(kind: Kind, name: string, labels?: Labels, more: Partial<StoredMetadata> = {}): NewObject {
  const [first = '', second] = name.split('/');
  const where = second === undefined ? { namespace: 'system', name: first } : { namespace: first, name: second };
  return { kind, metadata: { ...where, ...(labels && { labels }), ...more } };
}

/** The labels that Envoy Gateway sets for a Gateway. */
export function ofEnvoyGateway(gateway: string, namespace = 'shop'): Labels {
  return { [MANAGED_BY.label]: MANAGED_BY.value, [OWNER_NAMESPACE_LABEL]: namespace, [OWNER]: gateway };
}

/** An object that selects Pods in its namespace: `system`, unless the name is `namespace/name`. */
export function selecting(kind: SelectingKind, name: string, ...pods: readonly LabelSelector[]): PodSelecting {
  const [first = '', second] = name.split('/');
  const where = second === undefined ? { namespace: 'system', name: first } : { namespace: first, name: second };
  return { kind, ...where, selectors: pods.map((one) => ({ pods: one })) };
}
