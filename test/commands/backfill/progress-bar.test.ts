import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startProgress } from '../../../src/commands/backfill/progress-bar.ts';
import { testContext } from '../../support/context.ts';
import { shownOnTerminal } from '../../support/terminal.ts';

const START = new Date('2026-11-22T12:00:00Z');

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

function progressOf(total: number) {
  const { context, written } = testContext({ isTTY: true });
  const progress = startProgress(context.stderr, total);
  return { ...progress, context, written, shown: () => shownOnTerminal(written.stderr) };
}

function steps({ step }: { readonly step: () => void }, count: number, ms: number) {
  for (let done = 0; done < count; done += 1) {
    vi.advanceTimersByTime(ms);
    step();
  }
  vi.advanceTimersByTime(200);
}

describe('startProgress()', () => {
  test('shows how much is done, and no estimate at first', () => {
    const { shown } = progressOf(1000);
    expect(shown()).toEqual([`${'-'.repeat(30)} 0/1000 objects, 0 %`]);
  });

  test('estimates the remaining time from the rate so far', () => {
    const progress = progressOf(1000);
    steps(progress, 100, 100);
    expect(progress.shown()).toEqual([`${'='.repeat(3)}${'-'.repeat(27)} 100/1000 objects, 10 %, 90s left`]);
    steps(progress, 500, 100);
    expect(progress.shown()).toEqual([expect.stringMatching(/^={18}-{12} 600\/1000 objects, 60 %, 40s left$/)]);
  });

  test('averages the rate over bursts, such as writes that are limited per second', () => {
    const progress = progressOf(10_000);
    for (let second = 0; second < 5; second += 1) {
      for (let write = 0; write < 100; write += 1) progress.step();
      vi.advanceTimersByTime(1000);
    }
    progress.step();
    vi.advanceTimersByTime(200);
    expect(progress.shown()).toEqual([expect.stringMatching(/ 501\/10000 objects, 5 %, 94s left$/)]);
  });

  test('disappears when a line is written, and returns with the next step', () => {
    const progress = progressOf(10);
    progress.clear();
    expect(progress.shown()).toEqual(['']);
    progress.context.stderr.write('pod/a\n');
    expect(progress.shown()).toEqual(['pod/a', '']);
    progress.step();
    expect(progress.shown()).toEqual(['pod/a', expect.stringMatching(/ 1\/10 objects, 10 %/)]);
  });

  test('is not drawn for every one of many steps', () => {
    const progress = progressOf(1000);
    progress.clear();
    progress.step();
    const before = progress.written.stderr.length;
    for (let done = 0; done < 500; done += 1) progress.step();
    expect(progress.written.stderr.length).toBe(before);
    vi.advanceTimersByTime(100);
    progress.step();
    expect(progress.shown()).toEqual([expect.stringMatching(/ 502\/1000 objects, 50 %/)]);
  });

  test('removes itself when it stops, and keeps the lines written before', () => {
    const progress = progressOf(2);
    for (const name of ['pod/a', 'pod/b']) {
      progress.clear();
      progress.context.stderr.write(`${name}\n`);
      progress.step();
    }
    progress.stop();
    progress.context.stderr.write('added 2 labels\n');
    expect(progress.shown()).toEqual(['pod/a', 'pod/b', 'added 2 labels', '']);
    vi.advanceTimersByTime(10_000);
    expect(progress.shown()).toEqual(['pod/a', 'pod/b', 'added 2 labels', '']);
  });

  test('fits in the width of the terminal', () => {
    const { context, written } = testContext({ isTTY: true });
    startProgress(Object.assign(context.stderr, { columns: 40 }), 1000);
    expect(shownOnTerminal(written.stderr)).toEqual([`${'-'.repeat(30)} 0/1000 ob`]);
  });

  test('leaves signals to the command', () => {
    const listeners = process.listenerCount('SIGINT');
    const { stop } = progressOf(2);
    expect(process.listenerCount('SIGINT')).toBe(listeners);
    stop();
  });

  test('is complete without steps', () => {
    const { shown } = progressOf(0);
    expect(shown()).toEqual([`${'='.repeat(30)} 0/0 objects, 100 %`]);
  });
});
