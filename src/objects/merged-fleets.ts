import { GATEWAY_LABELS, KINDS, OWNER_CLASS_LABEL } from '../admission/gateway.ts';
import type { ObjectStore } from './object-store.ts';
import { asked, inScope, type Scope } from './scope.ts';

/** One Envoy for all Gateways of a class, which is all that its objects name. */
const MERGED = `${OWNER_CLASS_LABEL},!${GATEWAY_LABELS.owner},!${GATEWAY_LABELS.standard}`;

/** Tells whether there is a merged fleet of Envoy Gateway: it belongs to no one Gateway, so that there is nothing to add. */
export async function hasMergedFleet(store: ObjectStore, scope: Scope): Promise<boolean> {
  const isInScope = await inScope(store, scope);
  for (const kind of KINDS) {
    for (const namespace of asked(scope)) {
      for await (const { metadata } of store.list({ kind, namespace, labelSelector: MERGED, limit: 1 })) {
        if (isInScope(metadata.namespace)) return true;
      }
    }
  }
  return false;
}
