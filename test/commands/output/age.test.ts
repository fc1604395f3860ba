import { expect, test } from 'vitest';
import { printableAge } from '../../../src/commands/output/age.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const M = 60;
const H = 60 * M;
const D = 24 * H;
const Y = 365 * D;

// The results of HumanDuration in k8s.io/apimachinery: the limits of every format, and remainders of zero.
test.for([
  [-2, '<invalid>'],
  [-1.9, '0s'],
  [0, '0s'],
  [0.9, '0s'],
  [2 * M - 1, '119s'],
  [2 * M, '2m'],
  [5 * M + 30, '5m30s'],
  [10 * M - 1, '9m59s'],
  [10 * M + 59, '10m'],
  [3 * H - 1, '179m'],
  [3 * H, '3h'],
  [3 * H + 5 * M + 59, '3h5m'],
  [8 * H - 1, '7h59m'],
  [8 * H + 59 * M, '8h'],
  [2 * D - 1, '47h'],
  [2 * D, '2d'],
  [2 * D + 3 * H, '2d3h'],
  [8 * D - 1, '7d23h'],
  [8 * D + 23 * H, '8d'],
  [2 * Y - 1, '729d'],
  [2 * Y, '2y'],
  [2 * Y + 36 * D, '2y36d'],
  [8 * Y - 1, '7y364d'],
  [8 * Y + 100 * D, '8y'],
] as const)('printableAge() of %d seconds is %s', ([seconds, text]) => {
  expect(printableAge(new Date(NOW.getTime() - seconds * 1000).toISOString(), NOW)).toBe(text);
});
