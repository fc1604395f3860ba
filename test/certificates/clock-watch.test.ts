import { expect, test, vi } from 'vitest';
import { ClockWatch } from '../../src/certificates/clock-watch.ts';
import { TIMING } from '../../src/certificates/timing.ts';

const HOUR_MS = 3_600_000;

test('ClockWatch logs each change once, and reports every measurement', () => {
  const logger = { info: vi.fn(), warn: vi.fn() };
  const onClock = vi.fn();
  const watch = new ClockWatch({ timing: TIMING, logger, onClock });
  const seen = [undefined, 0, 3 * HOUR_MS, 3 * HOUR_MS + 500, -2 * HOUR_MS, HOUR_MS, undefined, 0];
  expect(seen.map((aheadMs) => watch.problem(aheadMs))).toEqual([
    undefined,
    undefined,
    "the clock is 3 h ahead of the API server's, certificates allow 1 h: correct the clock of the node (NTP)",
    "the clock is 3 h ahead of the API server's, certificates allow 1 h: correct the clock of the node (NTP)",
    "the clock is 2 h behind the API server's, certificates allow 1 h: correct the clock of the node (NTP)",
    undefined,
    undefined,
    undefined,
  ]);
  const message = 'the clock is wrong, not writing anything';
  expect(logger.warn.mock.calls).toEqual([
    [{ reason: "the clock is 3 h ahead of the API server's, certificates allow 1 h" }, message],
    [{ reason: "the clock is 2 h behind the API server's, certificates allow 1 h" }, message],
  ]);
  expect(logger.info.mock.calls).toEqual([['the clock agrees with the API server again']]);
  expect(onClock.mock.calls.flat()).toEqual(seen.filter((aheadMs) => aheadMs !== undefined));
});
