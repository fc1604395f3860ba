import { GATEWAY_LABELS, OWNER_CLASS_LABEL } from '../admission/gateway.ts';
import type { ObjectStore } from './object-store.ts';
import type { Scope } from './scope.ts';
import { objectsIn } from './scoped-objects.ts';

/** One Envoy for all Gateways of a class: its objects name only the class. */
const MERGED = `${OWNER_CLASS_LABEL},!${GATEWAY_LABELS.owner},!${GATEWAY_LABELS.standard}`;

/** Reports whether there is a merged fleet of Envoy Gateway: it belongs to no single Gateway, so there is nothing to add. */
export async function hasMergedFleet(store: ObjectStore, scope: Scope): Promise<boolean> {
  // The user's selector does not apply to its objects.
  for await (const _ of objectsIn(store, { ...scope, selector: '' }, [MERGED], { limit: 1 })) return true;
  return false;
}
