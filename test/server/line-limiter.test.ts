import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { LineLimiter } from '../../src/server/line-limiter.ts';

/** A limiter and its log. `write` returns how many of `count` lines were logged. */
function limiter() {
  const logged: object[] = [];
  const lines = new LineLimiter(
    pino({ base: null, timestamp: false }, { write: (line) => logged.push(JSON.parse(line)) }),
  );
  const write = (reason: string, times: number) =>
    Array.from({ length: times }, () => lines.allows(reason)).filter(Boolean).length;
  const tick = (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) lines.tick();
    return logged.splice(0);
  };
  return { write, tick };
}

const leftOut = (reason: string, count: number) => ({ level: 40, reason, leftOut: count, msg: 'suppressed log lines' });

describe('LineLimiter', () => {
  test('logs a burst, then 20 lines per second, and each second how many lines it has left out', () => {
    const { write, tick } = limiter();
    expect(write('conflict', 500)).toBe(200);
    expect(tick(1)).toEqual([leftOut('conflict', 300)]);
    // The message about left-out lines counts as a line.
    expect(write('conflict', 500)).toBe(19);
    expect(tick(1)).toEqual([leftOut('conflict', 481)]);
    expect(tick(1)).toEqual([]);
  });

  test('allows another burst after enough time, but never a larger one', () => {
    const { write, tick } = limiter();
    expect(write('json', 200)).toBe(200);
    tick(9);
    expect(write('json', 200)).toBe(180);
    tick(1_000);
    expect(write('json', 500)).toBe(200);
  });

  test('logs nothing if no lines were left out', () => {
    const { write, tick } = limiter();
    expect(write('json', 200)).toBe(200);
    expect(tick(20)).toEqual([]);
  });

  test('limits each reason separately', () => {
    const { write, tick } = limiter();
    expect([write('json', 201), write('conflict', 202)]).toEqual([200, 200]);
    expect(tick(1)).toEqual([leftOut('json', 1), leftOut('conflict', 2)]);
  });

  test.for(['distrusted', 'evicted'])('logs one line per minute for %s', (reason) => {
    const { write, tick } = limiter();
    expect(write(reason, 3)).toBe(1);
    expect(tick(59)).toEqual([]);
    expect(write(reason, 1)).toBe(0);
    // Sums of sixtieths are not exact.
    expect(tick(2)).toEqual([leftOut(reason, 3)]);
    expect(write(reason, 1)).toBe(0);
    tick(122);
    expect(write(reason, 2)).toBe(1);
  });
});
