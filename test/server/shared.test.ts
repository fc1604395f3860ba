import { describe, expect, test } from 'vitest';
import { shared } from '../../src/server/shared.ts';

const INTERVAL_MS = 200;

describe('shared()', () => {
  test('works at once for the first, and an interval later for all who ask after', async () => {
    const startedAt: number[] = [];
    const ask = shared(async () => startedAt.push(performance.now()), INTERVAL_MS);
    const askedAt = performance.now();
    expect(await ask()).toBe(1);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([2, 2, 2]);
    expect(await Promise.all([ask(), ask()])).toEqual([3, 3]);
    const [first = 0, second = 0, third = 0] = startedAt;
    expect(first - askedAt).toBeLessThan(INTERVAL_MS);
    // Timers of Node may be a millisecond early.
    expect(second - first).toBeGreaterThan(INTERVAL_MS - 2);
    expect(third - second).toBeGreaterThan(INTERVAL_MS - 2);
  });

  test('gives nobody what is older than the question', async () => {
    let value = 'before';
    const ask = shared(async () => value, INTERVAL_MS);
    expect(await ask()).toBe('before');
    value = 'after';
    expect(await ask()).toBe('after');
  });

  test('goes on after work that failed', async () => {
    let works = 0;
    const ask = shared(async () => {
      works += 1;
      if (works === 1) throw new Error('no');
      return works;
    }, 10);
    await expect(ask()).rejects.toThrow('no');
    expect(await ask()).toBe(2);
  });
});
