import { expect, test } from 'vitest';
import { bodyTimeoutMs } from '../../src/server/body-timeout.ts';

test.for([
  { timeout: '2s', ms: 3_000 },
  { timeout: '500ms', ms: 1_500 },
  { timeout: '1.5s', ms: 2_500 },
  { timeout: '.5s', ms: 1_500 },
  { timeout: '1.s', ms: 2_000 },
  { timeout: '1s500ms', ms: 2_500 },
  { timeout: '0s', ms: 1_000 },
  { timeout: '100us', ms: 1_000.1 },
  { timeout: '100µs', ms: 1_000.1 },
  { timeout: '100μs', ms: 1_000.1 },
  { timeout: '1000ns', ms: 1_000.001 },
  { timeout: '9s', ms: 10_000 },
  { timeout: '10s', ms: 10_000 },
  { timeout: '1m', ms: 10_000 },
  { timeout: '1h30m', ms: 10_000 },
  { timeout: `${'9'.repeat(400)}s`, ms: 10_000 },
  { timeout: undefined, ms: 10_000 },
  { timeout: '', ms: 10_000 },
  { timeout: '2', ms: 10_000 },
  { timeout: '-2s', ms: 10_000 },
  { timeout: '2 s', ms: 10_000 },
  { timeout: '2sx', ms: 10_000 },
  { timeout: '1e3s', ms: 10_000 },
  { timeout: ['1s', '2s'], ms: 10_000 },
])('the body of a request with ?timeout=$timeout may take $ms ms', ({ timeout, ms }) => {
  expect(bodyTimeoutMs(timeout, 10_000)).toBeCloseTo(ms, 6);
});

test('bodyTimeoutMs() takes linear time for a long number', () => {
  // Takes milliseconds; with backtracking, hours.
  expect(bodyTimeoutMs('1'.repeat(1_000_000), 10_000)).toBe(10_000);
});
