import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/admission/gateway.ts';
import { findingFacts, gatewayName, ownerOf, resourceName } from '../../../src/commands/output/object-facts.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { CREATED_AT, newObject, OWNER, ofEnvoyGateway, STANDARD } from '../../support/stored-objects.ts';

const stored = (...of: Parameters<typeof newObject>) => new MemoryObjectStore().put(newObject(...of));

test('resourceName() returns the same as kubectl', () => {
  expect(resourceName(stored('ServiceAccount', 'shop/a'))).toBe('serviceaccount/a');
});

describe('ownerOf()', () => {
  const [a, b] = [
    { kind: 'Gateway', name: 'a' },
    { kind: 'ReplicaSet', name: 'b' },
  ];
  test.for([
    { name: 'none', ownerReferences: [], owner: undefined },
    { name: 'the only owner', ownerReferences: [a], owner: 'Gateway/a' },
    { name: 'the controller', ownerReferences: [a, { ...b, controller: true }], owner: 'ReplicaSet/b' },
    {
      name: 'the first owner without a controller',
      ownerReferences: [b, { ...a, controller: false }],
      owner: 'ReplicaSet/b',
    },
  ])('returns $name', ({ ownerReferences, owner }) => {
    expect(ownerOf(stored('Pod', 'a', {}, { ownerReferences }))).toBe(owner);
  });

  test('returns none without owner references', () => {
    expect(ownerOf(stored('Pod', 'a'))).toBeUndefined();
  });
});

test.for([
  { labels: ofEnvoyGateway('eg'), name: 'shop/eg' },
  { labels: { [OWNER]: 'eg' }, name: 'eg' },
  { labels: { app: 'shop' }, name: '' },
])('gatewayName() of $labels is "$name"', ({ labels, name }) => {
  expect(gatewayName(stored('Pod', 'a', labels))).toBe(name);
});

test('findingFacts() contains labels to add only if there are any', () => {
  const facts = (labels: Record<string, string>) => {
    const object = stored('Pod', 'shop/a', labels);
    return JSON.parse(JSON.stringify(findingFacts({ object, decision: decide(object.metadata, 'both') })));
  };
  const same = { kind: 'Pod', namespace: 'shop', name: 'a', creationTimestamp: CREATED_AT };
  expect(facts({ [STANDARD]: 'eg' })).toStrictEqual({
    ...same,
    reason: 'added-owner',
    gateway: { namespace: 'shop', name: 'eg' },
    labels: { [STANDARD]: 'eg' },
    add: { [OWNER]: 'eg' },
  });
  const conflict = { [STANDARD]: 'eg', [OWNER]: 'a' };
  expect(facts(conflict)).toStrictEqual({ ...same, reason: 'conflict', gateway: { name: 'a' }, labels: conflict });
});
