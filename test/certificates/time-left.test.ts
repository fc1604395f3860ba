import { expect, test } from 'vitest';
import { timeLeft } from '../../src/certificates/time-left.ts';
import { hoursLater, ISSUED_AT } from '../support/certificates.ts';

test.for([
  [-1, 'expired'],
  [-0.001, 'expired'],
  [0.5, '0 h'],
  [47.9, '47 h'],
  [48, '2 d'],
  [24 * 364.9, '364 d'],
] as const)('timeLeft() for %d hours is %s', ([hours, text]) => {
  expect(timeLeft(hoursLater(hours), ISSUED_AT)).toBe(text);
});
