import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS } from '../../src/admission/gateway.ts';
import { formatGateway } from '../../src/objects/gateway-reference.ts';
import { gatherInfrastructure } from '../../src/objects/infrastructure.ts';
import type { ObjectQuery, ObjectStore } from '../../src/objects/object-store.ts';
import type { StoredObject } from '../../src/objects/stored-object.ts';
import { selects } from '../support/label-selection.ts';
import { OWNER, STANDARD, storedObject } from '../support/objects.ts';

const { standard, owner } = GATEWAY_LABELS;
const ALL = { namespaces: [], namespaceSelector: '' };

/** A store whose lists return the current objects, and the namespaces with the label `a`. */
function storeOf(objects: () => readonly StoredObject[], withLabel: readonly string[] = []) {
  const queries: ObjectQuery[] = [];
  const store: Pick<ObjectStore, 'list' | 'namespaces'> = {
    async *list(query) {
      queries.push(query);
      yield* objects().filter(
        ({ kind, metadata }) =>
          kind === query.kind &&
          (query.namespace ?? metadata.namespace) === metadata.namespace &&
          selects(query.labelSelector, metadata.labels ?? {}),
      );
    },
    async *namespaces(labelSelector) {
      for (const name of withLabel) if (selects(labelSelector, { a: 'b' })) yield { name, labels: { a: 'b' } };
    },
  };
  return { store: store as ObjectStore, queries };
}

const OBJECTS = [
  storedObject('Service', 'envoy-shop-eg', OWNER('eg', 'shop')),
  storedObject('Pod', 'envoy-shop-eg-b', { ...OWNER('eg', 'shop'), ...STANDARD('eg') }),
  storedObject('Pod', 'envoy-shop-eg-a', { ...OWNER('eg', 'shop'), ...STANDARD('other') }),
  storedObject('ServiceAccount', 'envoy-shop-eg', OWNER('eg', 'shop')),
  storedObject('Pod', 'envoy-blog-eg', OWNER('eg', 'blog')),
  storedObject('Pod', 'shop/istio', STANDARD('istio')),
  storedObject('Pod', 'shop/in-another', { ...OWNER('eg', 'shop') }),
  storedObject('Pod', 'app', { app: 'shop' }),
];

const names = (found: Awaited<ReturnType<typeof gatherInfrastructure>>) =>
  found.map(({ gateway, objects }) => [
    formatGateway(gateway),
    objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`),
  ]);

const SYSTEM = 'envoy-gateway-system';
const BLOG = ['blog/eg', [`Pod ${SYSTEM}/envoy-blog-eg`]];
const ISTIO = ['shop/istio', ['Pod shop/istio']];
const SHOP = [
  'shop/eg',
  [
    `ServiceAccount ${SYSTEM}/envoy-shop-eg`,
    `Pod ${SYSTEM}/envoy-shop-eg-a`,
    `Pod ${SYSTEM}/envoy-shop-eg-b`,
    `Service ${SYSTEM}/envoy-shop-eg`,
    'Pod shop/in-another',
  ],
];

describe('gatherInfrastructure()', () => {
  test('groups objects with either label by Gateway, each object once', async () => {
    const { store, queries } = storeOf(() => OBJECTS);
    expect(names(await gatherInfrastructure(store, ALL, undefined))).toEqual([BLOG, SHOP, ISTIO]);
    expect(queries.map(({ kind, namespace, labelSelector }) => [kind, namespace, labelSelector])).toEqual(
      ['ServiceAccount', 'Pod', 'Service'].flatMap((kind) => [
        [kind, undefined, `${standard},!${owner}`],
        [kind, undefined, owner],
      ]),
    );
  });

  test('returns the fields to be shown', async () => {
    const { store } = storeOf(() => OBJECTS.slice(5, 6));
    expect(await gatherInfrastructure(store, ALL, undefined)).toStrictEqual([
      {
        gateway: { namespace: 'shop', name: 'istio' },
        objects: [
          {
            gateway: { namespace: 'shop', name: 'istio' },
            kind: 'Pod',
            namespace: 'shop',
            name: 'istio',
            standard: 'istio',
            owner: undefined,
            creationTimestamp: '2026-11-23T09:00:00Z',
          },
        ],
      },
    ]);
  });

  test.for([
    { name: 'by name', wanted: { name: 'eg' }, gateways: [BLOG, SHOP] },
    { name: 'by namespace and name', wanted: { namespace: 'blog', name: 'eg' }, gateways: [BLOG] },
    { name: 'if it does not exist', wanted: { namespace: 'other', name: 'eg' }, gateways: [] },
    {
      name: 'by the standard label only',
      wanted: { namespace: SYSTEM, name: 'other' },
      gateways: [['shop/eg', [`Pod ${SYSTEM}/envoy-shop-eg-a`]]],
    },
  ])('returns one Gateway $name, selected by the API server', async ({ wanted, gateways }) => {
    const { store, queries } = storeOf(() => OBJECTS);
    expect(names(await gatherInfrastructure(store, ALL, wanted))).toEqual(gateways);
    const { name } = wanted;
    expect(new Set(queries.map(({ labelSelector }) => labelSelector))).toEqual(
      new Set([`${standard}=${name},${owner}!=${name}`, `${owner}=${name}`]),
    );
  });

  test('lists each namespace of the scope', async () => {
    const { store, queries } = storeOf(() => OBJECTS);
    const found = await gatherInfrastructure(store, { ...ALL, namespaces: ['shop', 'blog'] }, undefined);
    expect(names(found)).toEqual([['shop/eg', ['Pod shop/in-another']], ISTIO]);
    expect(new Set(queries.map(({ namespace }) => namespace))).toEqual(new Set(['shop', 'blog']));
  });

  test('excludes namespaces without the label', async () => {
    const { store } = storeOf(() => OBJECTS, ['shop']);
    const gather = (namespaceSelector: string) => gatherInfrastructure(store, { ...ALL, namespaceSelector }, undefined);
    expect(names(await gather('a=b'))).toEqual([['shop/eg', ['Pod shop/in-another']], ISTIO]);
    expect(await gather('a=c')).toEqual([]);
  });

  test('returns an object once that gets its second label between two lists', async () => {
    let asked = 0;
    const { store } = storeOf(() => {
      asked += 1;
      // The lists of Pods are the third and the fourth one.
      return [storedObject('Pod', 'shop/a', { ...STANDARD('eg'), ...(asked > 3 && OWNER('eg')) })];
    });
    expect(names(await gatherInfrastructure(store, ALL, undefined))).toEqual([['shop/eg', ['Pod shop/a']]]);
  });

  test('excludes an object that has lost its labels since it was selected', async () => {
    const store = {
      async *list() {
        yield storedObject('Pod', 'a', {});
      },
    };
    expect(await gatherInfrastructure(store as unknown as ObjectStore, ALL, undefined)).toEqual([]);
  });
});
