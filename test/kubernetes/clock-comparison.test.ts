import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockAheadMs } from '../../src/kubernetes/clock-comparison.ts';

const NOON = Date.parse('2026-11-28T12:00:00Z');
const date = new Date(NOON).toUTCString();

describe('clockAheadMs()', () => {
  test.for([
    { name: 'the same second', before: NOON, after: NOON + 999, ahead: 0 },
    { name: 'the end of the second in the header', before: NOON + 1_000, after: NOON + 1_001, ahead: 0 },
    { name: 'a moment after that second', before: NOON + 1_001, after: NOON + 1_002, ahead: 1 },
    { name: 'the start of that second', before: NOON - 9, after: NOON, ahead: 0 },
    { name: 'a moment before that second', before: NOON - 9, after: NOON - 1, ahead: -1 },
    { name: 'a slow answer', before: NOON - 4_000, after: NOON + 4_000, ahead: 0 },
    { name: 'a clock that is set back in between', before: NOON + 3_600_000, after: NOON - 1_000, ahead: 0 },
    { name: 'a clock that is set forward in between', before: NOON - 1_000, after: NOON + 3_600_000, ahead: 0 },
    { name: 'a clock that is set back and still ahead', before: NOON + 9_000, after: NOON + 3_000, ahead: 2_000 },
    { name: 'a clock that is set back and already behind', before: NOON - 2_000, after: NOON - 9_000, ahead: -2_000 },
  ])('is $ahead ms for $name', ({ before, after, ahead }) => {
    expect(clockAheadMs({ before, after, date })).toBe(ahead);
  });

  test.for([
    undefined,
    '',
    'yesterday',
    'Invalid Date',
    '0',
    '2026-11-28T12:00:00Z',
    'Saturday, 28-Nov-26 12:00:00 GMT',
  ])('returns undefined for the Date %j', (given) => {
    expect(clockAheadMs({ before: NOON, after: NOON, date: given })).toBeUndefined();
  });

  test('never returns more than the real difference, nor less by more than the duration of the answer and a second', () => {
    const answers = fc.record({
      aheadMs: fc.integer({ min: -1e12, max: 1e12 }),
      answeredMs: fc.integer({ min: 0, max: 1e12 }),
      there: fc.integer({ min: 0, max: 5_000 }),
      back: fc.integer({ min: 0, max: 5_000 }),
    });
    fc.assert(
      fc.property(answers, ({ aheadMs, answeredMs, there, back }) => {
        const told = clockAheadMs({
          before: answeredMs - there + aheadMs,
          after: answeredMs + back + aheadMs,
          date: new Date(answeredMs).toUTCString(),
        });
        const [off, least] = [Math.abs(aheadMs), Math.abs(aheadMs) - there - back - 1_000];
        expect(Math.abs(told ?? Number.NaN)).toBeLessThanOrEqual(off);
        expect(Math.abs(told ?? Number.NaN)).toBeGreaterThanOrEqual(least);
        if (told !== 0) expect(Math.sign(told ?? Number.NaN)).toBe(Math.sign(aheadMs));
      }),
    );
  });
});
