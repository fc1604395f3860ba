import { expect, test } from 'vitest';
import { GATEWAY_LABELS, OWNER_NAMESPACE_LABEL } from '../../src/admission/gateway.ts';
import { formatGateway, gatewayOf, gatewaysOf } from '../../src/objects/gateway-reference.ts';

const { standard, owner } = GATEWAY_LABELS;
const said = { [OWNER_NAMESPACE_LABEL]: 'shop' };

test.for([
  { name: 'none without labels', labels: undefined, gateways: [] },
  { name: 'none for a merged fleet', labels: { 'gateway.envoyproxy.io/owning-gatewayclass': 'a' }, gateways: [] },
  { name: "the Gateway of Envoy Gateway's labels", labels: { [owner]: 'eg', ...said }, gateways: ['shop/eg'] },
  { name: 'only the name if the namespace is unknown', labels: { [owner]: 'eg' }, gateways: ['eg'] },
  { name: 'a Gateway in the same namespace', labels: { [standard]: 'eg' }, gateways: ['own/eg'] },
  { name: 'the same with both labels', labels: { [standard]: 'eg', [owner]: 'eg' }, gateways: ['own/eg'] },
  { name: 'the namespace in the label', labels: { [standard]: 'eg', ...said }, gateways: ['shop/eg'] },
  {
    name: 'the same with both labels and a namespace',
    labels: { [standard]: 'eg', [owner]: 'eg', ...said },
    gateways: ['shop/eg'],
  },
  {
    name: 'two Gateways if the labels differ',
    labels: { [standard]: 'a', [owner]: 'b', ...said },
    gateways: ['shop/b', 'own/a'],
  },
  {
    name: 'two Gateways, one of them without a namespace',
    labels: { [standard]: 'a', [owner]: 'b' },
    gateways: ['b', 'own/a'],
  },
])('gatewaysOf() returns $name', ({ labels, gateways }) => {
  const own = {
    namespace: 'own',
    name: 'a',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-11-23T00:00:00Z',
  };
  const metadata = labels ? { ...own, labels } : own;
  expect(gatewaysOf(metadata).map(formatGateway)).toEqual(gateways);
  expect(gatewayOf(metadata)).toEqual(gatewaysOf(metadata)[0]);
});
