import { LABEL_MANAGER, managersOf } from '../objects/managed-fields.ts';
import type { StoredMetadata, StoredObject } from '../objects/stored-object.ts';

/** Tells whether somebody else has set a label. Then, and only then, the object has it without us. */
export function isSetByOthers(metadata: StoredMetadata, label: string): boolean {
  // Set by hand, it is on this object, and not on the next one that is made.
  return managersOf(metadata, label).some(({ manager }) => manager !== LABEL_MANAGER && !manager.startsWith('kubectl'));
}

/** By which Envoy Gateway writes what it generates. */
const ENVOY_GATEWAY = 'envoy-gateway';

/** By which the ReplicaSet controller makes Pods of a Deployment's template: k3s and MicroK8s have it in a binary of their own. */
const POD_MAKERS = ['kube-controller-manager', 'k3s', 'kubelite'];

/** Tells whether Envoy Gateway sets a label: then, and only then, the next object that it generates has it, too. */
export function isSetByEnvoyGateway({ kind, metadata }: StoredObject, label: string): boolean {
  const managers = kind === 'Pod' ? [ENVOY_GATEWAY, ...POD_MAKERS] : [ENVOY_GATEWAY];
  return managersOf(metadata, label).some(({ manager }) => managers.includes(manager));
}
