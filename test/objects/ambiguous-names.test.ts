import { expect, test } from 'vitest';
import { OWNER_NAMESPACE_LABEL } from '../../src/admission/gateway.ts';
import { GatewayNames } from '../../src/objects/ambiguous-names.ts';
import type { Labels } from '../../src/objects/label-selector.ts';
import { MemoryObjectStore } from '../support/memory-object-store.ts';
import { newObject, OWNER, ofEnvoyGateway, STANDARD } from '../support/stored-objects.ts';

function ambiguous(...objects: readonly (readonly [name: string, labels?: Labels])[]) {
  const names = new GatewayNames();
  const store = new MemoryObjectStore(...objects.map(([name, labels]) => newObject('Pod', name, labels)));
  for (const object of store.objects) names.add(object);
  return names.ambiguous();
}

test.for([
  { name: 'nothing', objects: [] },
  {
    name: 'one Gateway with several objects',
    objects: [
      ['a', ofEnvoyGateway('eg')],
      ['b', ofEnvoyGateway('eg')],
    ],
  },
  {
    name: 'other names',
    objects: [
      ['a', ofEnvoyGateway('eg', 'x')],
      ['b', ofEnvoyGateway('shop', 'y')],
    ],
  },
  {
    name: 'other namespaces',
    objects: [
      ['one/a', ofEnvoyGateway('eg', 'x')],
      ['two/a', ofEnvoyGateway('eg', 'y')],
    ],
  },
  {
    name: 'a Gateway with an unknown namespace',
    objects: [
      ['a', ofEnvoyGateway('eg')],
      ['b', { [OWNER]: 'eg' }],
    ],
  },
  {
    name: 'objects without a Gateway',
    objects: [['a'], ['b', { [OWNER_NAMESPACE_LABEL]: 'x' }], ['c', { app: 'eg' }]],
  },
] satisfies { name: string; objects: (readonly [string, Labels?])[] }[])('$name is not ambiguous', ({ objects }) => {
  expect(ambiguous(...objects)).toEqual([]);
});

test('names are ambiguous if one namespace has objects of several Gateways with this name', () => {
  expect(
    ambiguous(
      ['one/a', ofEnvoyGateway('eg', 'y')],
      ['one/b', ofEnvoyGateway('eg', 'x')],
      ['one/c', ofEnvoyGateway('eg', 'x')],
      // Objects with only the standard label belong to a Gateway in their own namespace.
      ['two/a', { [STANDARD]: 'shop' }],
      ['two/b', ofEnvoyGateway('shop', 'z')],
      ['three/a', ofEnvoyGateway('eg', 'x')],
    ),
  ).toEqual([
    { namespace: 'one', name: 'eg', gatewayNamespaces: ['x', 'y'] },
    { namespace: 'two', name: 'shop', gatewayNamespaces: ['two', 'z'] },
  ]);
});
