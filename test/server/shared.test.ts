import { describe, expect, test } from 'vitest';
import { shared } from '../../src/server/shared.ts';

const INTERVAL_MS = 200;

describe('shared()', () => {
  test('works immediately for the first call, and after an interval for all later ones together', async () => {
    const startedAt: number[] = [];
    const ask = shared(async () => startedAt.push(performance.now()), INTERVAL_MS);
    const askedAt = performance.now();
    expect(await ask()).toBe(1);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([2, 2, 2]);
    expect(await Promise.all([ask(), ask()])).toEqual([3, 3]);
    const [first = 0, second = 0, third = 0] = startedAt;
    expect(first - askedAt).toBeLessThan(INTERVAL_MS);
    // Node's timers may be a millisecond early.
    expect(second - first).toBeGreaterThan(INTERVAL_MS - 2);
    expect(third - second).toBeGreaterThan(INTERVAL_MS - 2);
  });

  test('returns no result that is older than the call', async () => {
    let value = 'before';
    const ask = shared(async () => value, INTERVAL_MS);
    expect(await ask()).toBe('before');
    value = 'after';
    expect(await ask()).toBe('after');
  });

  test('continues after an error', async () => {
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
