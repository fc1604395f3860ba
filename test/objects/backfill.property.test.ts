import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, type Reverse } from '../../src/admission/gateway.ts';
import { audit } from '../../src/objects/audit.ts';
import { backfill, type Change } from '../../src/objects/backfill.ts';
import type { Labels } from '../../src/objects/label-selector.ts';
import { PodSelectors } from '../../src/objects/pod-selectors.ts';
import * as arbitraries from '../support/arbitraries.ts';
import { keyOf, MemoryObjectStore } from '../support/memory-object-store.ts';
import { newObject, OWNER, STANDARD, selecting } from '../support/stored-objects.ts';

const ALL = { namespaces: [], namespaceSelector: '' };
const NAMES = ['a', 'b', 'shop/c', 'shop/d', 'e', 'f'];

const value = fc.oneof({ weight: 9, arbitrary: fc.constantFrom('eg', 'shop') }, fc.constant(''));
/** The labels that the rule and selectors use; usually one of the two without the other. */
const labels: fc.Arbitrary<Labels> = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ [OWNER]: value }) },
      { weight: 3, arbitrary: fc.record({ [STANDARD]: value }) },
      { weight: 2, arbitrary: fc.record({ [STANDARD]: value, [OWNER]: value }) },
      fc.constant({}),
    ),
    fc.constantFrom({}, { app: 'envoy' }),
  )
  .map(([gateway, app]) => ({ ...gateway, ...app }));
const kind = fc.constantFrom('ServiceAccount', 'Pod', 'Service');

const objects = fc.uniqueArray(fc.record({ kind, name: fc.constantFrom(...NAMES), labels }), {
  selector: ({ kind: itsKind, name }) => `${itsKind} ${name}`,
  minLength: 3,
  maxLength: 14,
  size: 'max',
});

/** A change by another client before the nth operation. */
const interference = fc.record({
  at: fc.integer({ min: 1, max: 40 }),
  object: fc.record({ kind, name: fc.constantFrom(...NAMES), labels }),
  what: fc.constantFrom('delete', 'replace', 'relabel', 'unlabel', 'touch'),
});
const interferences = fc.array(interference, { maxLength: 12, size: 'max' });
type Interference = typeof interference extends fc.Arbitrary<infer T> ? T : never;

interface Cluster {
  readonly objects: readonly Interference['object'][];
  /** The names of objects that the API server refuses to change. */
  readonly refused: readonly string[];
}

function storeOf({ objects: given, refused }: Cluster): MemoryObjectStore {
  const store = new MemoryObjectStore(...given.map((one) => newObject(one.kind, one.name, one.labels)));
  store.refuse = ({ metadata }) => (refused.includes(metadata.name) ? 'a policy says no' : undefined);
  store.selecting.push(
    selecting('PodDisruptionBudget', 'of-envoy', { matchLabels: { app: 'envoy' } }),
    selecting('PodDisruptionBudget', 'of-eg', { matchLabels: { [STANDARD]: 'eg' } }),
  );
  return store;
}

/** Schedules the changes of other clients. Returns the time of the last change of each object, by key. */
function interfere(store: MemoryObjectStore, all: readonly Interference[]): ReadonlyMap<string, number> {
  const touched = new Map<string, number>();
  store.before = () => {
    const now = store.operations.length;
    for (const { object, what } of all.filter(({ at }) => at === now)) {
      const given = newObject(object.kind, object.name, object.labels);
      const key = keyOf(given);
      touched.set(key, now);
      const act: Record<typeof what, () => void> = {
        delete: () => store.delete(key),
        replace: () => void store.put(given),
        relabel: () => store.relabel(key, object.labels),
        unlabel: () => store.relabel(key, undefined),
        touch: () => store.relabel(key, store.labels[key]),
      };
      act[what]();
    }
  };
  return touched;
}

interface RunOptions {
  readonly reverse: Reverse;
  readonly concurrency: number;
  readonly signal?: AbortSignal;
}

/** Runs a backfill until it ends, and returns its changes. */
async function run(store: MemoryObjectStore, { reverse, concurrency, signal = store.signal }: RunOptions) {
  const changes: (Change & { readonly at: number })[] = [];
  const selectors = await PodSelectors.read(store, ALL, ['PodDisruptionBudget']);
  await backfill({
    ...{ store, scope: ALL, reverse, dryRun: false, selectors, qps: 10_000, concurrency, signal },
    onChange: (change) => void changes.push({ ...change, at: store.operations.length }),
    wait: async () => {},
  });
  return changes;
}

function isUndone({ outcome }: Change): boolean {
  return outcome === 'skipped' || outcome === 'failed';
}

/** The objects that are still missing a label. */
function lacking(store: MemoryObjectStore, reverse: Reverse): string[] {
  return store.objects.filter(({ metadata }) => decide(metadata, reverse).add).map(keyOf);
}

describe('backfill(), with any objects and any concurrent changes,', () => {
  const refused = fc.subarray(['a', 'c']);
  const cluster: fc.Arbitrary<Cluster> = fc.record({ objects, refused });
  const concurrency = fc.constantFrom(1, 2, 8);

  test('adds one missing label per write, and never changes a label', async () => {
    let written = 0;
    await fc.assert(
      fc.asyncProperty(
        ...[cluster, interferences, arbitraries.reverse, concurrency],
        async (given, others, reverse, atOnce) => {
          const store = storeOf(given);
          interfere(store, others);
          await run(store, { reverse, concurrency: atOnce });
          for (const { before, label } of store.writes) {
            expect(before).not.toHaveProperty([label.key]);
            expect(decide({ labels: before }, reverse).add).toEqual(label);
          }
          written += store.writes.length;
        },
      ),
    );
    expect(written).toBeGreaterThan(100);
  });

  test('reports each write once, and writes an object twice only if another client has changed it', async () => {
    await fc.assert(
      fc.asyncProperty(
        ...[cluster, interferences, arbitraries.reverse, concurrency],
        async (given, others, reverse, atOnce) => {
          const store = storeOf(given);
          const touched = interfere(store, others);
          const changes = await run(store, { reverse, concurrency: atOnce });
          const added = changes.filter(({ outcome }) => outcome === 'added').map(({ object }) => keyOf(object));
          expect(added.sort()).toEqual(store.writes.map(({ key }) => key).sort());
          const untouched = added.filter((key) => !touched.has(key));
          expect(untouched).toEqual([...new Set(untouched)]);
        },
      ),
    );
  });

  test('without concurrency leaves no object that was missing a label when it was read, except those that it reports', async () => {
    let left = 0;
    await fc.assert(
      fc.asyncProperty(...[cluster, interferences, arbitraries.reverse], async (given, others, reverse) => {
        const store = storeOf(given);
        const touched = interfere(store, others);
        const changes = await run(store, { reverse, concurrency: 1 });
        const undone = new Set(changes.filter(isUndone).map(({ object }) => keyOf(object)));
        for (const key of lacking(store, reverse)) {
          if (undone.has(key)) continue;
          left += 1;
          // Another client changed the object after it was read, or after the list was made.
          const [itsKind] = key.split('/');
          const has = Object.keys(store.labels[key] ?? {}).includes(OWNER) ? OWNER : STANDARD;
          const listed = store.operations.findIndex(({ of }) => of.startsWith(`${itsKind} * ${has},`)) + 1;
          const seen = changes.findLast(({ object }) => keyOf(object) === key)?.at ?? 0;
          expect(touched.get(key) ?? 0).toBeGreaterThanOrEqual(Math.max(listed, seen));
        }
      }),
      { numRuns: 300 },
    );
    expect(left).toBeGreaterThan(0);
  });

  test('is followed by an audit with the same findings, if other clients change nothing more', async () => {
    await fc.assert(
      fc.asyncProperty(
        ...[cluster, interferences, arbitraries.reverse, concurrency],
        async (given, others, reverse, atOnce) => {
          const store = storeOf(given);
          interfere(store, others);
          await run(store, { reverse, concurrency: atOnce });
          store.before = () => {};
          const undone = (await run(store, { reverse, concurrency: atOnce })).filter(isUndone);
          const found: string[] = [];
          await audit({
            ...{ store, scope: ALL, reverse },
            onFinding: ({ object, decision }) => void (decision.add && found.push(keyOf(object))),
          });
          expect(found.sort()).toEqual(undone.map(({ object }) => keyOf(object)).sort());
          expect(lacking(store, reverse)).toEqual(found);
        },
      ),
    );
  });

  test('after an interruption starts no more writes, and a second run completes the work', async () => {
    let interrupted = 0;
    await fc.assert(
      fc.asyncProperty(
        ...[cluster, fc.integer({ min: 1, max: 25 }), arbitraries.reverse, concurrency, fc.boolean()],
        async (given, at, reverse, atOnce, endsLists) => {
          const whole = storeOf(given);
          await run(whole, { reverse, concurrency: atOnce });

          const store = storeOf(given);
          const interruption = new AbortController();
          let begun: number | undefined;
          if (endsLists) store.signal = interruption.signal;
          store.before = () => {
            if (store.operations.length !== at) return;
            interruption.abort();
            begun = store.operations.filter(({ name }) => name === 'addLabel').length;
          };
          await run(store, { reverse, concurrency: atOnce, signal: interruption.signal }).catch((error: unknown) => {
            // The interruption came before the backfill itself.
            expect(error).toBe(interruption.signal.reason);
          });
          if (begun !== undefined) {
            interrupted += 1;
            expect(store.operations.filter(({ name }) => name === 'addLabel')).toHaveLength(begun);
          }

          store.before = () => {};
          store.signal = new AbortController().signal;
          await run(store, { reverse, concurrency: atOnce });
          expect(store.labels).toEqual(whole.labels);
          expect(store.writes).toHaveLength(whole.writes.length);
        },
      ),
    );
    expect(interrupted).toBeGreaterThan(30);
  });

  test('rejects after an error, and a second run completes the work', async () => {
    let failed = 0;
    await fc.assert(
      fc.asyncProperty(
        ...[cluster, fc.integer({ min: 1, max: 25 }), arbitraries.reverse, concurrency],
        async (given, at, reverse, atOnce) => {
          const whole = storeOf(given);
          await run(whole, { reverse, concurrency: atOnce });
          const store = storeOf(given);
          const away = new Error('unavailable');
          let begun: number | undefined;
          store.before = () => {
            if (store.operations.length !== at) return;
            begun = store.operations.filter(({ name }) => name === 'addLabel').length;
            throw away;
          };
          const error = await run(store, { reverse, concurrency: atOnce }).catch((thrown: unknown) => thrown);
          if (begun !== undefined) {
            failed += 1;
            expect(error).toBe(away);
            expect(store.operations.filter(({ name }) => name === 'addLabel')).toHaveLength(begun);
          }
          store.before = () => {};
          await run(store, { reverse, concurrency: atOnce });
          expect(store.labels).toEqual(whole.labels);
        },
      ),
    );
    expect(failed).toBeGreaterThan(30);
  });
});

test('backfill() applies the rule to any labels', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraries.objects, { maxLength: 8 }), arbitraries.reverse, async (given, reverse) => {
      const store = new MemoryObjectStore(
        ...given.map((one, index) =>
          newObject(one.kind, `${index}`, one.metadata.labels, { ...one.metadata, name: `${index}` }),
        ),
      );
      const before = store.objects;
      await run(store, { reverse, concurrency: 3 });
      for (const object of before) {
        const { add } = decide(object.metadata, reverse);
        const own = object.metadata.labels ?? {};
        expect(store.labels[keyOf(object)]).toEqual(add ? { ...own, [add.key]: add.value } : own);
      }
    }),
  );
});
