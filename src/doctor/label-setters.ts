import { LABEL_MANAGER, managersOf } from '../objects/managed-fields.ts';
import type { StoredMetadata, StoredObject } from '../objects/stored-object.ts';

/** Reports whether something else has set a label: then the object would have it without this project. */
export function isSetByOthers(metadata: StoredMetadata, label: string): boolean {
  return managersOf(metadata, label).some(({ manager }) => manager !== LABEL_MANAGER);
}

/** The field manager of Envoy Gateway. */
const ENVOY_GATEWAY = 'envoy-gateway';

/** The field managers of the ReplicaSet controller, which creates Pods from a template: k3s and MicroK8s have their own binary. */
const POD_MAKERS = ['kube-controller-manager', 'k3s', 'kubelite'];

/** Reports whether Envoy Gateway sets a label: only then will the next object that it generates have it. */
export function isSetByEnvoyGateway({ kind, metadata }: StoredObject, label: string): boolean {
  const managers = kind === 'Pod' ? [ENVOY_GATEWAY, ...POD_MAKERS] : [ENVOY_GATEWAY];
  return managersOf(metadata, label).some(({ manager }) => managers.includes(manager));
}
