import { clearLine, cursorTo } from 'node:readline';
import cliProgress from 'cli-progress';
import type { Context } from '../context.ts';

/** A bar on the terminal that shows the progress of a command, and the time left. */
export interface Progress {
  /** One more is done. */
  readonly step: () => void;
  /** Makes room for text on the same terminal; the bar comes back with the next step. */
  readonly clear: () => void;
  readonly stop: () => void;
}

/** They save and restore the cursor: the bar would return to where it started, although rows were printed below since. */
const CURSOR_PLACE = new Set(['\x1b7', '\x1b8']);

/** The rate is averaged over this many steps: rate-limited writes come in bursts. */
const STEPS_OF_RATE = 1000;

/** Starts a bar for so many steps. */
export function startProgress(stream: Context['stderr'], total: number): Progress {
  let isCleared = false;
  const bar = new cliProgress.SingleBar({
    stream: Object.create(stream, {
      write: { value: (text: string) => CURSOR_PLACE.has(text) || stream.write(text) },
    }),
    format: '{bar} {value}/{total} objects, {percentage} %{eta_formatted}',
    etaBuffer: STEPS_OF_RATE,
    // Before the first step it is a string, such as NULL.
    formatTime: (seconds, ...rest) =>
      Number.isFinite(seconds) ? `, ${cliProgress.Format.TimeFormat(seconds, ...rest)} left` : '',
    barCompleteChar: '=',
    barIncompleteChar: '-',
    // The command handles signals: it finishes writes in flight.
    gracefulExit: false,
    clearOnComplete: true,
  });
  bar.start(total, 0);
  return {
    step: () => {
      bar.increment();
      if (isCleared) bar.render();
      isCleared = false;
    },
    clear: () => {
      cursorTo(stream, 0);
      clearLine(stream, 0);
      isCleared = true;
    },
    stop: () => bar.stop(),
  };
}
