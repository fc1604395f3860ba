import { clearLine, cursorTo } from 'node:readline';
import type { Context } from '../context.ts';
import { printableDuration } from '../output/age.ts';

/** A bar on the terminal that shows the progress of a command, and the time left. */
export interface Progress {
  /** One more is done. */
  readonly step: () => void;
  /** Makes room for text on the same terminal; the bar comes back with the next step. */
  readonly clear: () => void;
  readonly stop: () => void;
}

/** With the numbers after it, the line fits into 80 columns. */
const BAR_WIDTH = 30;

/** Often enough for people. A terminal over a slow network should not get an update for each of 200 writes a second. */
const REDRAW_MS = 100;

/** Starts a bar for `total` steps. */
export function startProgress(stream: Context['stderr'], total: number): Progress {
  const startedAt = performance.now();
  let done = 0;
  let drawnAt = startedAt;
  const draw = () => {
    drawnAt = performance.now();
    cursorTo(stream, 0);
    // A line that wraps could not be cleared.
    stream.write(formatProgress(done, total, drawnAt - startedAt).slice(0, stream.columns));
    clearLine(stream, 1);
  };
  const clear = () => {
    cursorTo(stream, 0);
    clearLine(stream, 0);
    drawnAt = Number.NEGATIVE_INFINITY;
  };
  draw();
  return {
    step: () => {
      done += 1;
      if (done === total || performance.now() - drawnAt >= REDRAW_MS) draw();
    },
    clear,
    stop: clear,
  };
}

function formatProgress(done: number, total: number, elapsedMs: number): string {
  const share = total === 0 ? 1 : done / total;
  const bar = '='.repeat(Math.floor(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '-');
  const left = done === 0 ? '' : `, ${printableDuration((elapsedMs / 1000) * (1 / share - 1))} left`;
  return `${bar} ${done}/${total} objects, ${Math.floor(share * 100)} %${left}`;
}
