import { describe, expect, test } from 'vitest';
import { clockProblem } from '../../src/certificates/clock.ts';
import { TIMING } from '../../src/certificates/timing.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

describe('clockProblem()', () => {
  test.for([undefined, 0, 1, HOUR_MS, -HOUR_MS])('returns no problem for a clock that is %s ms ahead', (aheadMs) => {
    expect(clockProblem(aheadMs, TIMING)).toBeUndefined();
  });

  test.for([
    { aheadMs: HOUR_MS + 1, text: '1 h ahead of' },
    { aheadMs: -HOUR_MS - 1, text: '1 h behind' },
    { aheadMs: 3 * HOUR_MS + 29_999, text: '3 h ahead of' },
    { aheadMs: -(3 * HOUR_MS - 30_000), text: '3 h behind' },
    { aheadMs: 5.5 * HOUR_MS, text: '5 h 30 min ahead of' },
    { aheadMs: -DAY_MS, text: '1 d behind' },
    { aheadMs: -(7_305 * DAY_MS + 61 * MINUTE_MS), text: '7305 d 1 h 1 min behind' },
  ])('reports that a clock is $text the API server', ({ aheadMs, text }) => {
    expect(clockProblem(aheadMs, TIMING)).toBe(`the clock is ${text} the API server's, certificates allow 1 h`);
  });

  test('allows the given skew', () => {
    expect(clockProblem(MINUTE_MS + 1, { clockSkewMs: MINUTE_MS })).toMatch('certificates allow 1 min');
  });
});
