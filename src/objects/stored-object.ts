import type { Kind, ObjectMeta } from '../admission/gateway.ts';

/** The metadata of an object in the cluster (meta/v1 PartialObjectMetadata). */
export interface StoredObject {
  readonly kind: Kind;
  readonly metadata: StoredMetadata;
}

export interface StoredMetadata extends ObjectMeta {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** RFC 3339. */
  readonly creationTimestamp: string;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFields[];
}

interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  /** Whether this owner manages the object. */
  readonly controller?: boolean;
}

/** The fields of a manager (meta/v1 ManagedFieldsEntry). What admission adds to an object has no manager. */
export interface ManagedFields {
  readonly manager?: string;
  /** RFC 3339. */
  readonly time?: string;
  /** A tree: `f:metadata`, `f:labels`, `f:<key>`. */
  readonly fieldsV1?: object;
}
