import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, MANAGED_BY, OPT_OUT_LABEL, REVERSE, type Reverse } from '../../src/admission/gateway.ts';
import { inspectAll, inspectLacking } from '../../src/objects/inspect.ts';
import type { Scope } from '../../src/objects/scope.ts';
import * as arbitraries from '../support/arbitraries.ts';
import { keyOf, MemoryObjectStore } from '../support/memory-object-store.ts';
import { newObject, OWNER, ofEnvoyGateway, STANDARD } from '../support/stored-objects.ts';

const ALL: Scope = { namespaces: [], namespaceSelector: '' };

function somethingOfEach() {
  const store = new MemoryObjectStore(
    newObject('Pod', 'lacks-standard', ofEnvoyGateway('eg')),
    newObject('Pod', 'shop/lacks-owner', { [STANDARD]: 'eg' }),
    newObject('Service', 'managed', { [STANDARD]: 'eg', [MANAGED_BY.label]: MANAGED_BY.value }),
    newObject('Service', 'managed-by-another', { [STANDARD]: 'eg', [MANAGED_BY.label]: 'Helm' }),
    newObject('ServiceAccount', 'shop/opted-out', { [OWNER]: 'eg', [OPT_OUT_LABEL]: '' }),
    newObject('ServiceAccount', 'shop/opted-out-too', { [STANDARD]: 'eg', [OPT_OUT_LABEL]: '' }),
    newObject('ServiceAccount', 'invalid', { [OWNER]: '' }),
    newObject('Pod', 'complete', { [STANDARD]: 'eg', [OWNER]: 'eg' }),
    newObject('Pod', 'shop/conflict', { [STANDARD]: 'eg', [OWNER]: 'shop' }),
    newObject('Pod', 'other', { app: 'shop' }),
    newObject('Pod', 'without-labels'),
  );
  store.namespaceLabels.set('system', { team: 'x' }).set('shop', { team: 'y' });
  return store;
}

async function found(findings: ReturnType<typeof inspectAll>) {
  return (await Array.fromAsync(findings)).map(({ object, decision }) => `${keyOf(object)} ${decision.reason}`);
}

describe('inspectLacking()', () => {
  const OF_BOTH = ['ServiceAccount/system/invalid invalid-value', 'Pod/system/lacks-standard added-standard'];
  test.for<{ reverse: Reverse; more: readonly string[] }>([
    {
      reverse: 'both',
      more: [
        'Pod/shop/lacks-owner added-owner',
        'Service/system/managed added-owner',
        'Service/system/managed-by-another added-owner',
      ],
    },
    { reverse: 'managed', more: ['Service/system/managed added-owner'] },
    { reverse: 'off', more: [] },
  ])('yields objects that are missing a label, by direction: $reverse', async ({ reverse, more }) => {
    const store = somethingOfEach();
    expect(await found(inspectLacking(store, ALL, reverse))).toEqual([...OF_BOTH, ...more]);
    // The API server selects the objects, so that none are read in vain.
    const lists = store.operations.map(({ of }) => of);
    expect(lists).toHaveLength(new Set(lists).size);
  });

  test('lists one kind after the other, in each namespace, one direction after the other', async () => {
    const store = new MemoryObjectStore();
    await found(inspectLacking(store, { namespaces: ['a', 'b'], namespaceSelector: '' }, 'both'));
    const [lacksStandard, lacksOwner] = [
      `${OWNER},!${STANDARD},!${OPT_OUT_LABEL}`,
      `${STANDARD},!${OWNER},!${OPT_OUT_LABEL}`,
    ];
    expect(store.operations.map(({ of }) => of)).toEqual(
      ['ServiceAccount', 'Pod', 'Service'].flatMap((kind) =>
        ['a', 'b'].flatMap((namespace) => [lacksStandard, lacksOwner].map((one) => `${kind} ${namespace} ${one}`)),
      ),
    );
  });

  test.for([
    { scope: { namespaces: ['shop'], namespaceSelector: '' } },
    { scope: { namespaces: [], namespaceSelector: 'team=y' } },
  ])('uses the namespaces of $scope', async ({ scope }) => {
    expect(await found(inspectLacking(somethingOfEach(), scope, 'both'))).toEqual(['Pod/shop/lacks-owner added-owner']);
  });
});

describe('inspectAll()', () => {
  test('also yields objects with both labels', async () => {
    const store = somethingOfEach();
    const lacking = await found(inspectLacking(store, ALL, 'both'));
    const all = await found(inspectAll(store, ALL, 'both'));
    expect(new Set(all).difference(new Set(lacking))).toEqual(
      new Set(['Pod/shop/conflict conflict', 'Pod/system/complete complete']),
    );
    expect(all).toHaveLength(lacking.length + 2);
  });

  test('yields every object that the rule would label, and none twice, whatever their labels', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraries.objects, { maxLength: 12 }),
        fc.constantFrom(...REVERSE),
        async (of, reverse) => {
          const store = new MemoryObjectStore(
            ...of.map(({ kind, metadata }, index) =>
              newObject(kind, `${index}`, metadata.labels, { ...metadata, name: `${index}` }),
            ),
          );
          const findings = await found(inspectAll(store, ALL, reverse));
          expect(findings).toHaveLength(new Set(findings).size);
          const lacking = await found(inspectLacking(store, ALL, reverse));
          const wanted = store.objects
            .map((object) => ({ object, ...decide(object.metadata, reverse) }))
            .filter(({ reason, add }) => add || reason === 'invalid-value' || reason === 'conflict');
          for (const { object, reason, add } of wanted) {
            const finding = `${keyOf(object)} ${reason}`;
            // With one label only, the reverse direction skips objects that it would not label.
            const isAsked = add || reason === 'conflict' || object.metadata.labels?.[OWNER] !== undefined;
            if (isAsked) expect(findings).toContain(finding);
            if (add) expect(lacking).toContain(finding);
          }
        },
      ),
    );
  });
});
