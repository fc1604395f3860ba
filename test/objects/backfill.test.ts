import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Reverse } from '../../src/admission/gateway.ts';
import { type BackfillOptions, backfill, type Change } from '../../src/objects/backfill.ts';
import type { LabelSelector } from '../../src/objects/label-selector.ts';
import { PodSelectors } from '../../src/objects/pod-selectors.ts';
import { keyOf, MemoryObjectStore, type Operation } from '../support/memory-object-store.ts';
import { newObject, OWNER, STANDARD, selecting } from '../support/stored-objects.ts';

const ALL = { namespaces: [], namespaceSelector: '' };
const LACKS = { [OWNER]: 'eg' };
const BOTH = { [STANDARD]: 'eg', [OWNER]: 'eg' };

/** Does not pause, except after an abort. */
async function wait(_ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
}

/** Runs a backfill without pauses until it ends; `changes` are lines such as `Pod/system/a added`. */
async function run(store: MemoryObjectStore, options: Partial<BackfillOptions> = {}) {
  const changes: string[] = [];
  const onChange = (change: Change) => {
    const detail = 'detail' in change ? `: ${change.detail}` : '';
    changes.push(`${keyOf(change.object)} ${change.outcome}${detail}`);
  };
  const error = await backfill({
    ...{ store, scope: ALL, reverse: 'both', dryRun: false, selectors: undefined, qps: 10_000, concurrency: 1 },
    ...{ signal: store.signal, onChange, wait },
    ...options,
  }).catch((thrown: Error) => thrown);
  return { changes, error };
}

function pods(count: number) {
  return Array.from({ length: count }, (_, index) => newObject('Pod', `pod-${index}`, LACKS));
}

function written(store: MemoryObjectStore) {
  return store.writes.map(({ key, label }) => `${key} ${label.key}=${label.value}`);
}

/** Acts before the first write to an object. */
function once(store: MemoryObjectStore, act: () => void) {
  store.before = ({ name }) => {
    if (name !== 'addLabel') return;
    store.before = () => {};
    act();
  };
}

describe('backfill()', () => {
  test('adds missing labels, and changes nothing else', async () => {
    const store = new MemoryObjectStore(
      newObject('Pod', 'a', { ...LACKS, app: 'envoy' }),
      newObject('Service', 'shop/b', { [STANDARD]: 'eg' }),
      newObject('ServiceAccount', 'c', BOTH),
      newObject('Pod', 'd', { [STANDARD]: 'eg', [OWNER]: 'shop' }),
      newObject('Pod', 'e', { [OWNER]: '' }),
      newObject('Pod', 'f', LACKS, { deletionTimestamp: '2026-11-22T10:00:00Z' }),
      newObject('Pod', 'g', { app: 'shop' }),
    );
    const { changes } = await run(store);
    expect(changes).toEqual(['Pod/system/a added', 'Service/shop/b added']);
    expect(written(store)).toEqual([`Pod/system/a ${STANDARD}=eg`, `Service/shop/b ${OWNER}=eg`]);
    expect(store.labels['Pod/system/a']).toEqual({ ...BOTH, app: 'envoy' });
  });

  test('changes nothing the second time', async () => {
    const store = new MemoryObjectStore(...pods(3));
    expect((await run(store)).changes).toHaveLength(3);
    store.operations.length = 0;
    expect((await run(store)).changes).toEqual([]);
    expect(store.operations.map(({ name }) => name)).toEqual(Array(6).fill('list'));
  });

  test.for<{ reverse: Reverse; changes: readonly string[] }>([
    { reverse: 'both', changes: ['Pod/system/a added'] },
    { reverse: 'managed', changes: [] },
    { reverse: 'off', changes: [] },
  ])('uses the given direction: $reverse', async ({ reverse, changes }) => {
    const store = new MemoryObjectStore(newObject('Pod', 'a', { [STANDARD]: 'eg' }));
    expect(await run(store, { reverse })).toEqual({ changes, error: undefined });
  });

  test('changes only objects in its scope', async () => {
    const store = new MemoryObjectStore(...pods(1), newObject('Pod', 'shop/a', LACKS));
    const { changes } = await run(store, { scope: { namespaces: ['shop'], namespaceSelector: '' } });
    expect(changes).toEqual(['Pod/shop/a added']);
  });

  test('with dryRun has the API server check every change, and persists nothing', async () => {
    const store = new MemoryObjectStore(...pods(2));
    store.refuse = ({ metadata }) => (metadata.name === 'pod-1' ? 'no' : undefined);
    const before = store.objects;
    expect((await run(store, { dryRun: true })).changes).toEqual([
      'Pod/system/pod-0 added',
      'Pod/system/pod-1 failed: no',
    ]);
    expect(store.objects).toEqual(before);
    expect(store.writes).toMatchObject([{ dryRun: true }]);
  });

  test('continues after an object whose change is refused', async () => {
    const store = new MemoryObjectStore(...pods(3));
    store.refuse = ({ metadata }) => (metadata.name === 'pod-1' ? 'a policy says no' : undefined);
    expect((await run(store)).changes).toEqual([
      'Pod/system/pod-0 added',
      'Pod/system/pod-1 failed: a policy says no',
      'Pod/system/pod-2 added',
    ]);
  });

  test('waits for the consumer of changes, and ends if it fails', async () => {
    const store = new MemoryObjectStore(...pods(5));
    let taken = 0;
    const onChange = async () => {
      await turn();
      taken += 1;
      if (taken === 2) throw new Error('no more');
    };
    expect((await run(store, { onChange })).error).toEqual(new Error('no more'));
    expect([taken, store.writes.length]).toEqual([2, 2]);
  });
});

describe('backfill(), if other clients write, too', () => {
  const KEY = 'Pod/system/pod-0';
  const OTHER_LABEL = 'the other label alone';

  test.for([
    { name: 'another client has added the label', labels: BOTH, changes: [`${KEY} settled`], end: BOTH },
    {
      name: 'the labels differ now',
      labels: { ...LACKS, [STANDARD]: 'other' },
      changes: [`${KEY} settled`],
      end: { ...LACKS, [STANDARD]: 'other' },
    },
    { name: 'the label was removed', labels: undefined, changes: [`${KEY} settled`], end: {} },
    {
      name: 'an unrelated field has changed',
      labels: { ...LACKS, app: 'x' },
      changes: [`${KEY} added`],
      end: { ...BOTH, app: 'x' },
    },
    {
      name: 'the label has another value',
      labels: { [OWNER]: 'new' },
      changes: [`${KEY} added`],
      end: { [OWNER]: 'new', [STANDARD]: 'new' },
    },
    {
      name: OTHER_LABEL,
      labels: { [STANDARD]: 'new' },
      changes: [`${KEY} added`],
      end: { [OWNER]: 'new', [STANDARD]: 'new' },
    },
  ])('decides again: $name', async ({ name, labels, changes, end }) => {
    const store = new MemoryObjectStore(...pods(1));
    once(store, () => store.relabel(KEY, labels));
    const found = await run(store);
    // An object that has only the other label now is in both lists.
    expect(found.changes.slice(0, 1)).toEqual(changes);
    expect(found.changes.slice(1)).toEqual(name === OTHER_LABEL ? [`${KEY} settled`] : []);
    expect(store.labels[KEY]).toEqual(end);
  });

  test('reads a changed object again, once, and uses the same direction', async () => {
    const store = new MemoryObjectStore(...pods(1));
    once(store, () => store.relabel(KEY, { [STANDARD]: 'eg' }));
    expect((await run(store, { reverse: 'off' })).changes).toEqual([`${KEY} settled`]);
    expect(store.operations.filter(({ of }) => of === KEY).map(({ name }) => name)).toEqual(['addLabel', 'get']);
  });

  test('reports a deleted object as settled', async () => {
    const store = new MemoryObjectStore(...pods(2));
    once(store, () => store.delete(KEY));
    expect((await run(store)).changes).toEqual([`${KEY} settled`, 'Pod/system/pod-1 added']);
    expect(store.operations.filter(({ name }) => name === 'get')).toEqual([]);
  });

  test('reports an object as settled that is deleted before it is read again', async () => {
    const store = new MemoryObjectStore(...pods(1));
    once(store, () => {
      store.relabel(KEY, { ...LACKS, app: 'x' });
      store.before = ({ name }) => void (name === 'get' && store.delete(KEY));
    });
    expect((await run(store)).changes).toEqual([`${KEY} settled`]);
    expect(store.objects).toEqual([]);
  });

  test('labels a new object of the same name according to its own labels', async () => {
    const store = new MemoryObjectStore(...pods(1));
    once(store, () => void store.put(newObject('Pod', 'pod-0', { [OWNER]: 'new' })));
    expect((await run(store)).changes).toEqual([`${KEY} added`]);
    expect(store.labels[KEY]).toEqual({ [OWNER]: 'new', [STANDARD]: 'new' });
  });

  test('gives up an object after ten conflicts, and continues', async () => {
    const store = new MemoryObjectStore(...pods(2));
    let changes = 0;
    store.before = ({ name, of }) => {
      if (name !== 'addLabel' || of !== KEY) return;
      changes += 1;
      store.relabel(KEY, { ...LACKS, changes: String(changes) });
    };
    expect((await run(store)).changes).toEqual([
      `${KEY} failed: something else changed the object between reading and writing, 10 times`,
      'Pod/system/pod-1 added',
    ]);
    expect(changes).toBe(10);
    expect(store.operations.filter(({ name }) => name === 'get')).toHaveLength(9);
  });

  test('adds the label at the tenth attempt', async () => {
    const store = new MemoryObjectStore(...pods(1));
    let changes = 0;
    store.before = ({ name }) => {
      if (name !== 'addLabel' || changes === 9) return;
      changes += 1;
      store.relabel(KEY, { ...LACKS, changes: String(changes) });
    };
    expect((await run(store)).changes).toEqual([`${KEY} added`]);
  });

  test('completes an object before it starts the next ones', async () => {
    const store = new MemoryObjectStore(...pods(4));
    once(store, () => store.relabel(KEY, { ...LACKS, app: 'x' }));
    const { changes } = await run(store);
    expect(changes[0]).toBe(`${KEY} added`);
  });
});

describe('backfill() of Pods with PodDisruptionBudgets', () => {
  const EG: LabelSelector = { matchLabels: { [STANDARD]: 'eg' } };

  async function storeWithBudgets() {
    const store = new MemoryObjectStore(...pods(1), newObject('Service', 'pod-0', LACKS));
    store.selecting.push(selecting('PodDisruptionBudget', 'one', {}), selecting('PodDisruptionBudget', 'two', EG));
    return { store, selectors: await PodSelectors.read(store, ALL, ['PodDisruptionBudget']) };
  }

  test('skips a Pod that several PodDisruptionBudgets would select, and nothing else', async () => {
    const { store, selectors } = await storeWithBudgets();
    expect((await run(store, { selectors })).changes).toEqual([
      'Pod/system/pod-0 skipped: it would match several PodDisruptionBudgets: one, two',
      'Service/system/pod-0 added',
    ]);
    expect(written(store)).toEqual([`Service/system/pod-0 ${STANDARD}=eg`]);
  });

  test('labels it if overlaps are accepted', async () => {
    const { store } = await storeWithBudgets();
    expect((await run(store)).changes).toEqual(['Pod/system/pod-0 added', 'Service/system/pod-0 added']);
  });

  test('checks the current labels of the Pod', async () => {
    const { store, selectors } = await storeWithBudgets();
    const KEY = 'Pod/system/pod-0';
    store.relabel(KEY, { [OWNER]: 'other' });
    once(store, () => store.relabel(KEY, LACKS));
    expect((await run(store, { selectors })).changes).toContainEqual(expect.stringMatching(/^Pod.* skipped/));
  });
});

describe('backfill() limits', () => {
  test.for([1, 3, 8])('concurrent writes to %i, and uses all of them', async (concurrency) => {
    const store = new MemoryObjectStore(...pods(40));
    let [now, most] = [0, 0];
    store.before = async ({ name }) => {
      if (name !== 'addLabel') return;
      now += 1;
      most = Math.max(most, now);
      await turn();
      await turn();
      now -= 1;
    };
    await run(store, { concurrency });
    expect([most, store.writes.length]).toEqual([concurrency, 40]);
  });

  test('reading while enough objects wait to be written', async () => {
    const store = new MemoryObjectStore(...pods(100));
    const release = Promise.withResolvers<void>();
    store.pageSize = 1;
    store.before = ({ name }) => (name === 'addLabel' ? release.promise : undefined);
    const running = run(store, { concurrency: 4 });
    for (let turns = 0; turns < 500; turns += 1) await turn();
    const pages = store.operations.filter(({ of }) => of.startsWith('Pod ')).length;
    // Four writes in flight, four objects that wait, and one page that was read before.
    expect(pages).toBeGreaterThanOrEqual(8);
    expect(pages).toBeLessThanOrEqual(9);
    release.resolve();
    expect((await running).changes).toHaveLength(100);
  });

  test('writes in any second, even if objects come late and need several attempts', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const QPS = 5;
    const store = new MemoryObjectStore(newObject('ServiceAccount', 'first', LACKS), ...pods(29));
    store.pageSize = 50;
    const times: number[] = [];
    store.before = async ({ name, of }) => {
      // All objects but one come at the end of the first second.
      if (of.startsWith('Pod * ')) await new Promise((resolve) => setTimeout(resolve, 450));
      if (name !== 'addLabel') return;
      times.push(Date.now());
      if (of.endsWith('0') && store.labels[of]?.['app'] === undefined) store.relabel(of, { ...LACKS, app: 'x' });
    };
    const running = run(store, { qps: QPS, concurrency: 8 });
    await vi.advanceTimersByTimeAsync(9_000);
    expect((await running).changes).toHaveLength(30);
    expect(times).toHaveLength(33);
    const inSecondFrom = (start: number) => times.filter((at) => at >= start && at < start + 1000).length;
    expect(Math.max(...times.map(inSecondFrom))).toBe(QPS);
  });

  test('retries with a longer pause after each conflict, at most a second', async () => {
    const store = new MemoryObjectStore(...pods(1));
    store.before = ({ name, of }) => void (name === 'addLabel' && store.relabel(of, LACKS));
    const waits: number[] = [];
    for (const random of [0, 0.5, 1 - Number.EPSILON]) {
      vi.spyOn(Math, 'random').mockReturnValue(random);
      onTestFinished(() => void vi.restoreAllMocks());
      await run(store, { wait: async (ms) => void waits.push(ms) });
      const longest = [100, 200, 300, 400, 500, 600, 700, 800, 900];
      expect(waits.splice(0).map(Math.round)).toEqual(longest.map((ms) => Math.round(ms * random)));
    }
  });
});

describe('backfill(), stopped early', () => {
  /** The operations that started after an event. */
  function begunAfter(store: MemoryObjectStore, count: number): readonly Operation[] {
    return store.operations.slice(count);
  }

  test('after an interruption starts no more writes, and completes those in flight', async () => {
    const store = new MemoryObjectStore(...pods(20));
    const interruption = new AbortController();
    const release = Promise.withResolvers<void>();
    let begun = 0;
    store.before = async ({ name }) => {
      if (name !== 'addLabel') return;
      begun += 1;
      await release.promise;
    };
    const running = run(store, { concurrency: 3, signal: interruption.signal });
    await vi.waitFor(() => expect(begun).toBe(3));
    const asked = store.operations.length;
    interruption.abort();
    release.resolve();
    const { changes, error } = await running;
    expect(error).toBeUndefined();
    expect(changes).toEqual(['Pod/system/pod-0 added', 'Pod/system/pod-1 added', 'Pod/system/pod-10 added']);
    expect(begunAfter(store, asked)).toEqual([]);
  });

  test('after an interruption that aborts the list completes the writes in flight', async () => {
    const interruption = new AbortController();
    const store = new MemoryObjectStore(...pods(9));
    store.signal = interruption.signal;
    store.pageSize = 1;
    store.before = async ({ name }) => {
      if (name !== 'addLabel') return;
      interruption.abort();
      await turn();
    };
    const { changes, error } = await run(store, { concurrency: 2, signal: interruption.signal });
    expect(error).toBeUndefined();
    expect(changes).toHaveLength(store.writes.length);
    expect(changes.length).toBeGreaterThan(0);
  });

  test('does nothing if it is interrupted before the start', async () => {
    const store = new MemoryObjectStore(...pods(3));
    const { changes, error } = await run(store, { signal: AbortSignal.abort() });
    expect([changes, error, store.writes]).toEqual([[], undefined, []]);
  });

  test('does not wait for the end of a pause after an interruption', async () => {
    const store = new MemoryObjectStore(...pods(2));
    const interruption = new AbortController();
    once(store, () => store.relabel('Pod/system/pod-0', { ...LACKS, app: 'x' }));
    store.after = () => setImmediate(() => interruption.abort());
    // A pause of an hour.
    vi.spyOn(Math, 'random').mockReturnValue(36_000);
    onTestFinished(() => void vi.restoreAllMocks());
    const changes: Change[] = [];
    await backfill({
      ...{ store, scope: ALL, reverse: 'both', dryRun: false, selectors: undefined, qps: 100, concurrency: 2 },
      ...{ signal: interruption.signal, onChange: (change) => void changes.push(change) },
    });
    expect(changes).toMatchObject([{ outcome: 'added' }]);
  });

  test('does not wait for the end of another pause after an error', async () => {
    const store = new MemoryObjectStore(...pods(2));
    store.before = async ({ name, of }) => {
      if (of.endsWith('0')) store.relabel(of, { ...LACKS, app: 'x' });
      else if (name === 'addLabel') await turn().then(() => expect.fail('forbidden'));
    };
    const wait: BackfillOptions['wait'] = (_ms, ended) => delay(3_600_000, undefined, { signal: ended });
    expect((await run(store, { concurrency: 2, wait })).error).toMatchObject({ message: 'forbidden' });
  });

  test('does not retry an object with a conflict', async () => {
    const store = new MemoryObjectStore(...pods(1));
    const interruption = new AbortController();
    once(store, () => {
      store.relabel('Pod/system/pod-0', { ...LACKS, app: 'x' });
      interruption.abort();
    });
    const { changes, error } = await run(store, { signal: interruption.signal });
    expect([changes, error]).toEqual([[], undefined]);
    expect(store.operations.filter(({ name }) => name === 'get')).toEqual([]);
  });

  test('leaves an object that it is reading again', async () => {
    const store = new MemoryObjectStore(...pods(1));
    const interruption = new AbortController();
    store.before = ({ name, of }) => {
      if (name === 'addLabel') store.relabel(of, { ...LACKS, app: 'x' });
      if (name === 'get') interruption.abort();
    };
    const { changes } = await run(store, { signal: interruption.signal });
    expect([changes, store.operations.filter(({ name }) => name === 'addLabel').length]).toEqual([[], 1]);
  });

  test('after a permanent error of a write starts no more writes, completes those in flight, and rejects', async () => {
    const store = new MemoryObjectStore(...pods(20));
    const release = Promise.withResolvers<void>();
    let begun = 0;
    store.before = async ({ name }) => {
      if (name !== 'addLabel') return;
      begun += 1;
      if (begun === 3) throw new Error('forbidden');
      await release.promise;
    };
    const running = run(store, { concurrency: 3 });
    await vi.waitFor(() => expect(begun).toBe(3));
    await turn();
    release.resolve();
    const { changes, error } = await running;
    expect(error).toEqual(new Error('forbidden'));
    expect(changes).toEqual(['Pod/system/pod-0 added', 'Pod/system/pod-1 added']);
    expect(begun).toBe(3);
  });

  test('after a permanent error of a list completes the writes in flight, and rejects', async () => {
    const store = new MemoryObjectStore(...pods(10));
    let begun = 0;
    store.before = async ({ name, of }) => {
      if (name === 'addLabel') {
        begun += 1;
        await turn();
        await turn();
      }
      if (of.startsWith('Pod') && name === 'list' && begun > 0) throw new Error('unavailable');
    };
    const { changes, error } = await run(store, { concurrency: 2 });
    expect(error).toEqual(new Error('unavailable'));
    expect(changes).toHaveLength(begun);
    expect(store.writes).toHaveLength(begun);
  });

  test('rejects with the error even if it is interrupted afterwards', async () => {
    const store = new MemoryObjectStore(...pods(2));
    const interruption = new AbortController();
    store.before = async ({ name }) => {
      if (name !== 'addLabel') return;
      setImmediate(() => interruption.abort());
      throw new Error('forbidden');
    };
    store.list = async function* list(query) {
      yield* new MemoryObjectStore(...pods(1)).list(query);
      await turn();
      await turn();
    };
    expect((await run(store, { signal: interruption.signal })).error).toEqual(new Error('forbidden'));
  });
});
