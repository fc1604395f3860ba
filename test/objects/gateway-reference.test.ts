import { expect, test } from 'vitest';
import { GATEWAY_LABELS, OWNER_NAMESPACE_LABEL } from '../../src/admission/gateway.ts';
import { formatGateway, gatewayOf } from '../../src/objects/gateway-reference.ts';

const { standard, owner } = GATEWAY_LABELS;
const SYSTEM = 'envoy-gateway-system';

test.for([
  { name: 'none without labels', labels: undefined, gateway: undefined },
  { name: 'none of a merged fleet', labels: { 'gateway.envoyproxy.io/owning-gatewayclass': 'a' }, gateway: undefined },
  {
    name: "what Envoy Gateway's labels say",
    labels: { [owner]: 'eg', [OWNER_NAMESPACE_LABEL]: 'shop' },
    gateway: 'shop/eg',
  },
  { name: 'the name alone where nobody says the namespace', labels: { [owner]: 'eg' }, gateway: 'eg' },
  { name: 'the same with both labels', labels: { [owner]: 'eg', [standard]: 'eg' }, gateway: 'eg' },
  { name: 'the one in its own namespace', labels: { [standard]: 'eg' }, gateway: `${SYSTEM}/eg` },
  {
    name: 'the namespace that is said',
    labels: { [standard]: 'eg', [OWNER_NAMESPACE_LABEL]: 'shop' },
    gateway: 'shop/eg',
  },
  {
    name: "Envoy Gateway's of two",
    labels: { [standard]: 'a', [owner]: 'b', [OWNER_NAMESPACE_LABEL]: 'c' },
    gateway: 'c/b',
  },
])('gatewayOf() returns $name', ({ labels, gateway }) => {
  const metadata = {
    namespace: SYSTEM,
    name: 'a',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-11-23T00:00:00Z',
  };
  const found = gatewayOf(labels ? { ...metadata, labels } : metadata);
  expect(found && formatGateway(found)).toBe(gateway);
});
