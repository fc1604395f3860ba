import type { Kind, ObjectMeta } from '../admission/gateway.ts';

/** An object in the cluster, as far as its metadata says what it is (meta/v1 PartialObjectMetadata). */
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
  /** Of several owners, the one that manages the object. */
  readonly controller?: boolean;
}

/** Which fields a manager has set (meta/v1 ManagedFieldsEntry). What admission adds to an object has no manager. */
export interface ManagedFields {
  readonly manager?: string;
  /** RFC 3339. */
  readonly time?: string;
  /** A tree: `f:metadata`, `f:labels`, `f:<key>`. */
  readonly fieldsV1?: object;
}
