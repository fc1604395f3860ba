import type { Writable } from 'node:stream';

/** A stream; of a terminal, with its width. */
type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The process as commands see it: what main.ts hands them. */
export interface Context {
  /** How the user calls the program: `gateway-name-webhook`, or `kubectl gateway-name`. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Says which exit code is due if the process ends before the command does: whoever reads its output may go away. */
  readonly willExitWith: (exitCode: number) => void;
  /** Calls `close` on the first signal or uncaught error, exits when it is done, or after `delayMs` in any case. */
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
