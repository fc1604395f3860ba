import { MANAGED_BY, OWNER_CLASS_LABEL } from '../../src/admission/gateway.ts';
import { MemoryObjectStore } from './memory-object-store.ts';
import { newObject, OWNER, ofEnvoyGateway, STANDARD } from './stored-objects.ts';

/** The current time in the cluster. */
export const NOW = new Date('2026-11-22T12:00:00Z');

const OF_REPLICA_SET = {
  creationTimestamp: '2026-11-20T10:00:00Z',
  ownerReferences: [
    { kind: 'Node', name: 'of-no-matter' },
    { kind: 'ReplicaSet', name: 'envoy-shop-eg-6d8', controller: true },
  ],
};

const SELECTOR = { matchLabels: { [STANDARD]: 'eg' } };

/** A cluster with one example of each finding of audit and backfill. */
export function faultyCluster() {
  const store = new MemoryObjectStore(
    newObject('ServiceAccount', 'envoy-shop-eg', { ...ofEnvoyGateway('eg'), [STANDARD]: 'eg' }),
    newObject('ServiceAccount', 'merged', { [OWNER_CLASS_LABEL]: 'eg' }),
    newObject('Pod', 'envoy-shop-eg-6d8-a', { ...ofEnvoyGateway('eg'), app: 'envoy' }, OF_REPLICA_SET),
    newObject('Pod', 'envoy-shop-eg-6d8-b', ofEnvoyGateway('eg'), OF_REPLICA_SET),
    newObject('Pod', 'envoy-team-eg-7f9-a', ofEnvoyGateway('eg', 'team')),
    newObject('Pod', 'shop/conflict', { [STANDARD]: 'eg', [OWNER]: 'other' }),
    newObject('Service', 'guarded', ofEnvoyGateway('guarded'), {
      ownerReferences: [{ kind: 'GatewayClass', name: 'eg' }],
    }),
    newObject('Service', 'no-name', { [OWNER]: '' }),
    newObject('Service', 'shop/nginx', { [STANDARD]: 'web', [MANAGED_BY.label]: 'nginx' }),
    newObject('Service', 'shop/by-hand', { [STANDARD]: 'web' }),
  );
  store.refuse = ({ metadata }) =>
    metadata.name === 'guarded' ? 'ValidatingAdmissionPolicy "p" denied it' : undefined;
  const named = (name: string) => ({ uid: name, namespace: 'system', name });
  const selecting = {
    poddisruptionbudgets: [
      { metadata: named('of-envoy'), spec: { selector: { matchLabels: { app: 'envoy' } } } },
      { metadata: named('of-eg'), spec: { selector: SELECTOR } },
    ],
    networkpolicies: [
      {
        metadata: named('unlabelled'),
        spec: { podSelector: { matchExpressions: [{ key: STANDARD, operator: 'DoesNotExist' }] } },
      },
    ],
    services: [{ metadata: named('of-eg'), spec: { selector: SELECTOR.matchLabels } }],
  };
  return { store, selecting };
}
