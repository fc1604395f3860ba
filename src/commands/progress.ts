import { clearLine, cursorTo } from 'node:readline';
import { SingleBar } from 'cli-progress';
import type { Context } from './context.ts';

/** A bar on the terminal that tells how far a command is, and when it will be done. */
export interface Progress {
  /** One more is done. */
  readonly step: () => void;
  /** Makes room for text on the same terminal; the bar comes back with the next step. */
  readonly clear: () => void;
  readonly stop: () => void;
}

/** Starts a bar for so many steps. */
export function startProgress(stream: Context['stderr'], total: number): Progress {
  const bar = new SingleBar({
    stream,
    format: '{bar} {value}/{total} objects, {percentage} %, {eta_formatted} left',
    barCompleteChar: '=',
    barIncompleteChar: '-',
    // Signals are the command's: it has something to finish.
    gracefulExit: false,
    clearOnComplete: true,
  });
  bar.start(total, 0);
  return {
    step: () => bar.increment(),
    clear: () => {
      cursorTo(stream, 0);
      clearLine(stream, 0);
    },
    stop: () => bar.stop(),
  };
}
