import type { Writable } from 'node:stream';

/** A stream; a terminal also has a width. */
type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The process as commands see it: what main.ts hands them. */
export interface Context {
  /** How the user calls the program: `gateway-name-webhook`, or `kubectl gateway-name`. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Sets the exit code in case the process ends before the command does: the reader of its output may go away. */
  readonly willExitWith: (exitCode: number) => void;
  /** Calls `close` on the first signal or uncaught error, and exits when it is done, or after `delayMs` at the latest. */
  readonly onShutdown: (shutdown: Shutdown) => void;
  /** Aborts on the first SIGINT or SIGTERM, for a command that has something to finish; the second one ends the process. */
  readonly interruption: () => AbortSignal;
}

export interface Shutdown {
  readonly delayMs: number;
  readonly close: (cause: { readonly signal?: string | undefined; readonly err?: Error | undefined }) => Promise<void>;
  readonly onSecondSignal: (signal?: string) => void;
  readonly onTimeout: () => void;
}
