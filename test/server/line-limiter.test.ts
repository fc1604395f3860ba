import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { LineLimiter } from '../../src/server/line-limiter.ts';

/** A limiter with what it has logged; `write` says how many of so many lines it lets through. */
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
  test('lets a burst through, then twenty lines a second, and says each second how many it left out', () => {
    const { write, tick } = limiter();
    expect(write('conflict', 500)).toBe(200);
    expect(tick(1)).toEqual([leftOut('conflict', 300)]);
    // What it says takes the place of a line.
    expect(write('conflict', 500)).toBe(19);
    expect(tick(1)).toEqual([leftOut('conflict', 481)]);
    expect(tick(1)).toEqual([]);
  });

  test('lets the next burst through when there was none for long enough, and never a larger one', () => {
    const { write, tick } = limiter();
    expect(write('json', 200)).toBe(200);
    tick(9);
    expect(write('json', 200)).toBe(180);
    tick(1_000);
    expect(write('json', 500)).toBe(200);
  });

  test('says nothing when nothing was left out', () => {
    const { write, tick } = limiter();
    expect(write('json', 200)).toBe(200);
    expect(tick(20)).toEqual([]);
  });

  test('tells reasons apart', () => {
    const { write, tick } = limiter();
    expect([write('json', 201), write('conflict', 202)]).toEqual([200, 200]);
    expect(tick(1)).toEqual([leftOut('json', 1), leftOut('conflict', 2)]);
  });

  test.for(['distrusted', 'evicted'])('lets one line of %s a minute through', (reason) => {
    const { write, tick } = limiter();
    expect(write(reason, 3)).toBe(1);
    expect(tick(59)).toEqual([]);
    expect(write(reason, 1)).toBe(0);
    // Of the sixtieths of a line, sums are not exact.
    expect(tick(2)).toEqual([leftOut(reason, 3)]);
    expect(write(reason, 1)).toBe(0);
    tick(122);
    expect(write(reason, 2)).toBe(1);
  });
});
