import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../../src/commands/options/duration.ts';

describe('parseDuration()', () => {
  // The formats of Go's time.ParseDuration, and seconds.
  test.for([
    ['0', 0],
    ['5', 5_000],
    ['0.5', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1h0m0.5s', 3_600_500],
    ['.5s', 500],
    ['1.s', 1_000],
    ['250ms', 250],
    ['1500us', 1.5],
    ['1500µs', 1.5],
    ['1500μs', 1.5],
    ['1000000ns', 1],
    ['30m1h', 5_400_000],
  ] as const)('accepts %s', ([text, ms]) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 9);
  });

  test.for([
    '',
    's',
    '-1',
    '-1s',
    '+1s',
    '1e3',
    '1d',
    '1 s',
    ' 1s',
    '1s ',
    '1m30',
    '.s',
    '.',
    '1..5s',
    '1H',
    'soon',
    'Infinity',
  ])('refuses "%s"', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('adds the parts', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), (hours, minutes, seconds) => {
        expect(parseDuration(`${hours}h${minutes}m${seconds}s`)).toBe(((hours * 60 + minutes) * 60 + seconds) * 1000);
      }),
    );
  });
});
