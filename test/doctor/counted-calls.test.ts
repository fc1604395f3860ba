import { describe, expect, test } from 'vitest';
import { callsBetween, usesBetween } from '../../src/doctor/counted-calls.ts';

const counters = (calls: Readonly<Record<string, number>>, since = '2026-01-01T00:00:00Z') => ({
  since,
  entries: [{ name: 'a', failOpens: 0, calls }],
});

describe('callsBetween()', () => {
  test('returns the counters that have grown, and by how much', () => {
    const before = counters({ '200': 6, '503': 2 });
    expect(callsBetween(before, counters({ '200': 6, '503': 3, '404': 1 }))).toEqual({ '503': 1, '404': 1 });
    expect(callsBetween(before, before)).toEqual({});
  });

  test('adds up several entries', () => {
    const both = (one: number, other: number) => ({
      since: '2026-01-01T00:00:00Z',
      entries: [
        { name: 'a', failOpens: 0, calls: { '503': one } },
        { name: 'b', failOpens: 0, calls: { '503': other, '200': 1 } },
      ],
    });
    expect(callsBetween(both(1, 1), both(2, 3))).toEqual({ '503': 3 });
  });

  test('returns undefined for two different API servers', () => {
    expect(callsBetween(counters({}), counters({ '200': 6 }, '2026-01-02T00:00:00Z'))).toBeUndefined();
  });

  test('counts a new counter in full', () => {
    const none = { since: '2026-01-01T00:00:00Z', entries: [] };
    expect(callsBetween(none, counters({ '200': 6 }))).toEqual({ '200': 6 });
    expect(callsBetween(counters({ '200': 6 }), none)).toEqual({});
  });
});

describe('usesBetween()', () => {
  test('returns the uses that have grown, for the same API server', () => {
    const before = { since: '2026-01-01T00:00:00Z', uses: { no_error: 2, invalid_error: 1 } };
    expect(usesBetween(before, { ...before, uses: { no_error: 3, invalid_error: 1 } })).toEqual({ no_error: 1 });
    expect(usesBetween(before, { ...before, since: '2026-01-02T00:00:00Z' })).toBeUndefined();
  });
});
