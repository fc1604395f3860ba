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

/** No pause, but for what is over. */
async function wait(_ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
}

/** Runs a backfill to its end, without pauses; `changes` are lines such as `Pod/system/a added`. */
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

/** Does something at the first write to an object. */
function once(store: MemoryObjectStore, act: () => void) {
  store.before = ({ name }) => {
    if (name !== 'addLabel') return;
    store.before = () => {};
    act();
  };
}

describe('backfill()', () => {
  test('adds what objects lack, and leaves alone what the rule leaves alone', async () => {
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

  test('does nothing the second time', async () => {
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
  ])('keeps to the direction: $reverse', async ({ reverse, changes }) => {
    const store = new MemoryObjectStore(newObject('Pod', 'a', { [STANDARD]: 'eg' }));
    expect(await run(store, { reverse })).toEqual({ changes, error: undefined });
  });

  test('keeps to its scope', async () => {
    const store = new MemoryObjectStore(...pods(1), newObject('Pod', 'shop/a', LACKS));
    const { changes } = await run(store, { scope: { namespaces: ['shop'], namespaceSelector: '' } });
    expect(changes).toEqual(['Pod/shop/a added']);
  });

  test('by dry run has everything judged and nothing stored', async () => {
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

  test('goes on after an object whose change is refused', async () => {
    const store = new MemoryObjectStore(...pods(3));
    store.refuse = ({ metadata }) => (metadata.name === 'pod-1' ? 'a policy says no' : undefined);
    expect((await run(store)).changes).toEqual([
      'Pod/system/pod-0 added',
      'Pod/system/pod-1 failed: a policy says no',
      'Pod/system/pod-2 added',
    ]);
  });

  test('waits for who takes the changes, and ends when they cannot', async () => {
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

describe('backfill(), when others write too', () => {
  const KEY = 'Pod/system/pod-0';
  const OTHER_LABEL = 'the other label alone';

  test.for([
    { name: 'a label was given by somebody else', labels: BOTH, changes: [`${KEY} settled`], end: BOTH },
    {
      name: 'a contradiction',
      labels: { ...LACKS, [STANDARD]: 'other' },
      changes: [`${KEY} settled`],
      end: { ...LACKS, [STANDARD]: 'other' },
    },
    { name: 'no label any more', labels: undefined, changes: [`${KEY} settled`], end: {} },
    {
      name: 'something else changed',
      labels: { ...LACKS, app: 'x' },
      changes: [`${KEY} added`],
      end: { ...BOTH, app: 'x' },
    },
    {
      name: 'another value',
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
    // What has lost its label and got the other is listed twice.
    expect(found.changes.slice(0, 1)).toEqual(changes);
    expect(found.changes.slice(1)).toEqual(name === OTHER_LABEL ? [`${KEY} settled`] : []);
    expect(store.labels[KEY]).toEqual(end);
  });

  test('reads again what has changed, once, and decides by the same direction', async () => {
    const store = new MemoryObjectStore(...pods(1));
    once(store, () => store.relabel(KEY, { [STANDARD]: 'eg' }));
    expect((await run(store, { reverse: 'off' })).changes).toEqual([`${KEY} settled`]);
    expect(store.operations.filter(({ of }) => of === KEY).map(({ name }) => name)).toEqual(['addLabel', 'get']);
  });

  test('is content with an object that is gone', async () => {
    const store = new MemoryObjectStore(...pods(2));
    once(store, () => store.delete(KEY));
    expect((await run(store)).changes).toEqual([`${KEY} settled`, 'Pod/system/pod-1 added']);
    expect(store.operations.filter(({ name }) => name === 'get')).toEqual([]);
  });

  test('is content with an object that is gone when it is read again', async () => {
    const store = new MemoryObjectStore(...pods(1));
    once(store, () => {
      store.relabel(KEY, { ...LACKS, app: 'x' });
      store.before = ({ name }) => void (name === 'get' && store.delete(KEY));
    });
    expect((await run(store)).changes).toEqual([`${KEY} settled`]);
    expect(store.objects).toEqual([]);
  });

  test('labels the object that has come in its place, as what it is', async () => {
    const store = new MemoryObjectStore(...pods(1));
    once(store, () => void store.put(newObject('Pod', 'pod-0', { [OWNER]: 'new' })));
    expect((await run(store)).changes).toEqual([`${KEY} added`]);
    expect(store.labels[KEY]).toEqual({ [OWNER]: 'new', [STANDARD]: 'new' });
  });

  test('gives up an object that changes each of ten times, and goes on', async () => {
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

  test('adds the label at the tenth try', async () => {
    const store = new MemoryObjectStore(...pods(1));
    let changes = 0;
    store.before = ({ name }) => {
      if (name !== 'addLabel' || changes === 9) return;
      changes += 1;
      store.relabel(KEY, { ...LACKS, changes: String(changes) });
    };
    expect((await run(store)).changes).toEqual([`${KEY} added`]);
  });

  test('ends what it has begun before it begins anything else', async () => {
    const store = new MemoryObjectStore(...pods(4));
    once(store, () => store.relabel(KEY, { ...LACKS, app: 'x' }));
    const { changes } = await run(store);
    expect(changes[0]).toBe(`${KEY} added`);
  });
});

describe('backfill(), of Pods with PodDisruptionBudgets', () => {
  const EG: LabelSelector = { matchLabels: { [STANDARD]: 'eg' } };

  async function storeWithBudgets() {
    const store = new MemoryObjectStore(...pods(1), newObject('Service', 'pod-0', LACKS));
    store.selecting.push(selecting('PodDisruptionBudget', 'one', {}), selecting('PodDisruptionBudget', 'two', EG));
    return { store, selectors: await PodSelectors.read(store, ALL, ['PodDisruptionBudget']) };
  }

  test('leaves out a Pod that several would select, but nothing else', async () => {
    const { store, selectors } = await storeWithBudgets();
    expect((await run(store, { selectors })).changes).toEqual([
      'Pod/system/pod-0 skipped: it would match several PodDisruptionBudgets: one, two',
      'Service/system/pod-0 added',
    ]);
    expect(written(store)).toEqual([`Service/system/pod-0 ${STANDARD}=eg`]);
  });

  test('takes it too where nobody minds', async () => {
    const { store } = await storeWithBudgets();
    expect((await run(store)).changes).toEqual(['Pod/system/pod-0 added', 'Service/system/pod-0 added']);
  });

  test('looks at the labels that the Pod has now', async () => {
    const { store, selectors } = await storeWithBudgets();
    const KEY = 'Pod/system/pod-0';
    store.relabel(KEY, { [OWNER]: 'other' });
    once(store, () => store.relabel(KEY, LACKS));
    expect((await run(store, { selectors })).changes).toContainEqual(expect.stringMatching(/^Pod.* skipped/));
  });
});

describe('backfill(), as to how much at once', () => {
  test.for([1, 3, 8])('writes at most %i at once, and as many', async (concurrency) => {
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

  test('does not read on while enough is waiting to be written', async () => {
    const store = new MemoryObjectStore(...pods(100));
    const release = Promise.withResolvers<void>();
    store.pageSize = 1;
    store.before = ({ name }) => (name === 'addLabel' ? release.promise : undefined);
    const running = run(store, { concurrency: 4 });
    for (let turns = 0; turns < 500; turns += 1) await turn();
    const pages = store.operations.filter(({ of }) => of.startsWith('Pod ')).length;
    // Four being written, four waiting for it, and what was read before that was seen.
    expect(pages).toBeGreaterThanOrEqual(8);
    expect(pages).toBeLessThanOrEqual(9);
    release.resolve();
    expect((await running).changes).toHaveLength(100);
  });

  test('writes at most so many in any second, however late they come and however often they are tried', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const QPS = 5;
    const store = new MemoryObjectStore(newObject('ServiceAccount', 'first', LACKS), ...pods(29));
    store.pageSize = 50;
    const times: number[] = [];
    store.before = async ({ name, of }) => {
      // All but one come at the end of the first second.
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

  test('waits longer after each change by others, a second at most', async () => {
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

describe('backfill(), cut short', () => {
  /** Operations that began after something happened. */
  function begunAfter(store: MemoryObjectStore, count: number): readonly Operation[] {
    return store.operations.slice(count);
  }

  test('by an interruption begins nothing more, and finishes what it has begun', async () => {
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

  test('by an interruption that ends the reading of the list finishes what it has begun', async () => {
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

  test('before it has begun, does nothing', async () => {
    const store = new MemoryObjectStore(...pods(3));
    const { changes, error } = await run(store, { signal: AbortSignal.abort() });
    expect([changes, error, store.writes]).toEqual([[], undefined, []]);
  });

  test('in the pause after a change by others does not wait for its end', async () => {
    const store = new MemoryObjectStore(...pods(2));
    const interruption = new AbortController();
    once(store, () => store.relabel('Pod/system/pod-0', { ...LACKS, app: 'x' }));
    store.after = () => setImmediate(() => interruption.abort());
    // Of an hour.
    vi.spyOn(Math, 'random').mockReturnValue(36_000);
    onTestFinished(() => void vi.restoreAllMocks());
    const changes: Change[] = [];
    await backfill({
      ...{ store, scope: ALL, reverse: 'both', dryRun: false, selectors: undefined, qps: 100, concurrency: 2 },
      ...{ signal: interruption.signal, onChange: (change) => void changes.push(change) },
    });
    expect(changes).toMatchObject([{ outcome: 'added' }]);
  });

  test('by a failure does not wait for the end of another pause', async () => {
    const store = new MemoryObjectStore(...pods(2));
    store.before = async ({ name, of }) => {
      if (of.endsWith('0')) store.relabel(of, { ...LACKS, app: 'x' });
      else if (name === 'addLabel') await turn().then(() => expect.fail('forbidden'));
    };
    const wait: BackfillOptions['wait'] = (_ms, ended) => delay(3_600_000, undefined, { signal: ended });
    expect((await run(store, { concurrency: 2, wait })).error).toMatchObject({ message: 'forbidden' });
  });

  test('does not try again what has changed meanwhile', async () => {
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

  test('while it reads again what has changed, leaves it', async () => {
    const store = new MemoryObjectStore(...pods(1));
    const interruption = new AbortController();
    store.before = ({ name, of }) => {
      if (name === 'addLabel') store.relabel(of, { ...LACKS, app: 'x' });
      if (name === 'get') interruption.abort();
    };
    const { changes } = await run(store, { signal: interruption.signal });
    expect([changes, store.operations.filter(({ name }) => name === 'addLabel').length]).toEqual([[], 1]);
  });

  test('by a write that fails for good begins nothing more, finishes what it has begun, and rejects', async () => {
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

  test('by a list that fails for good finishes what it has begun, and rejects', async () => {
    const store = new MemoryObjectStore(...pods(10));
    let begun = 0;
    store.before = async ({ name, of }) => {
      if (name === 'addLabel') {
        begun += 1;
        await turn();
        await turn();
      }
      if (of.startsWith('Pod') && name === 'list' && begun > 0) throw new Error('away');
    };
    const { changes, error } = await run(store, { concurrency: 2 });
    expect(error).toEqual(new Error('away'));
    expect(changes).toHaveLength(begun);
    expect(store.writes).toHaveLength(begun);
  });

  test('by a failure, and then by an interruption, rejects all the same', async () => {
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
