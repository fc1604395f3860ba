import { GATEWAY_LABELS, KINDS, type Kind } from '../admission/gateway.ts';
import { formatGateway, type GatewayReference, gatewaysOf } from './gateway-reference.ts';
import type { ObjectStore } from './object-store.ts';
import type { Scope } from './scope.ts';
import { objectsIn } from './scoped-objects.ts';
import type { StoredObject } from './stored-object.ts';

const { standard, owner } = GATEWAY_LABELS;

/** What was generated for a Gateway. */
export interface Infrastructure {
  readonly gateway: GatewayReference;
  readonly objects: readonly GeneratedObject[];
}

/** The kept fields of an object: few, because there may be very many objects. */
export interface GeneratedObject {
  readonly gateway: GatewayReference;
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  /** The values of its labels. */
  readonly standard: string | undefined;
  readonly owner: string | undefined;
  /** RFC 3339. */
  readonly creationTimestamp: string;
}

/**
 * Groups the objects of a scope that have either label by Gateway, sorted; if one Gateway is wanted, only its objects. An object
 * with conflicting labels is listed under the Gateway that Envoy Gateway's label names.
 */
export async function gatherInfrastructure(
  store: ObjectStore,
  scope: Scope,
  wanted: GatewayReference | undefined,
): Promise<Infrastructure[]> {
  // An object that gets its second label in the meantime is found twice; in the opposite order, it would be missed.
  const found = new Map<string, GeneratedObject>();
  for await (const object of objectsIn(store, scope, eitherLabel(wanted?.name))) {
    const gateways = gatewaysOf(object.metadata);
    const [gateway] = gateways;
    if (!gateway || !gateways.some((named) => isMeant(named, wanted))) continue;
    found.set(object.metadata.uid, generatedObject(object, gateway));
  }
  return grouped(found.values());
}

function grouped(found: Iterable<GeneratedObject>): Infrastructure[] {
  const groups = new Map<string, Infrastructure & { readonly objects: GeneratedObject[] }>();
  for (const object of found) {
    const key = formatGateway(object.gateway);
    const group = groups.get(key) ?? { gateway: object.gateway, objects: [] };
    group.objects.push(object);
    groups.set(key, group);
  }
  for (const { objects } of groups.values()) objects.sort(byKindAndName);
  return [...groups].sort(([one], [other]) => order(one, other)).map(([, group]) => group);
}

/** Selectors have no "or": these two select objects with either label, and none is selected twice. */
function eitherLabel(name: string | undefined): readonly string[] {
  if (name === undefined) return [`${standard},!${owner}`, owner];
  // `!=` also selects objects without the label.
  return [`${standard}=${name},${owner}!=${name}`, `${owner}=${name}`];
}

function isMeant({ namespace, name }: GatewayReference, wanted: GatewayReference | undefined): boolean {
  return !wanted || (name === wanted.name && (wanted.namespace ?? namespace) === namespace);
}

function generatedObject({ kind, metadata }: StoredObject, gateway: GatewayReference): GeneratedObject {
  const { namespace, name, labels, creationTimestamp } = metadata;
  return { gateway, kind, namespace, name, standard: labels?.[standard], owner: labels?.[owner], creationTimestamp };
}

function byKindAndName(one: GeneratedObject, other: GeneratedObject): number {
  return (
    order(one.namespace, other.namespace) ||
    KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) ||
    order(one.name, other.name)
  );
}

/** By code units, independent of the locale. */
function order(one: string, other: string): number {
  return Number(one > other) - Number(one < other);
}
