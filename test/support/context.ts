import { Readable, Writable } from 'node:stream';
import type { Context, Shutdown } from '../../src/commands/context.ts';

interface TestContextOptions {
  readonly program?: string;
  readonly environment?: Context['environment'];
  readonly stdin?: string | Buffer;
  readonly isTTY?: boolean;
  /** For standard error; by default the same as `isTTY`. */
  readonly isErrorTTY?: boolean;
  readonly isInputTTY?: boolean;
  /** Whether the output is read slowly, so that writes wait. */
  readonly isSlow?: boolean;
}

/** A context for commands. Tests read the output and call the shutdown handler. */
export function testContext({
  program = 'gateway-name-webhook',
  environment = process.env,
  stdin = '',
  isTTY = false,
  isErrorTTY = isTTY,
  isInputTTY = false,
  isSlow = false,
}: TestContextOptions = {}) {
  const written = { stdout: '', stderr: '' };
  const bytes: Buffer[] = [];
  let all = '';
  const sink = (name: 'stdout' | 'stderr') => {
    const stream = new Writable({
      write(chunk, _encoding, done) {
        written[name] += chunk;
        all += chunk;
        if (name === 'stdout') bytes.push(Buffer.from(chunk));
        if (isSlow) setImmediate(done);
        else done();
      },
    });
    return Object.assign(stream, { isTTY: name === 'stdout' ? isTTY : isErrorTTY });
  };
  const due: number[] = [];
  let shutdown: Shutdown | undefined;
  const interruption = new AbortController();
  const context: Context = {
    program,
    environment,
    stdin: Object.assign(Readable.from([Buffer.from(stdin)]), { isTTY: isInputTTY }),
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    willExitWith: (exitCode) => due.push(exitCode),
    onShutdown: (given) => {
      shutdown = given;
    },
    interruption: () => interruption.signal,
  };
  return {
    context,
    written,
    bytes: () => Buffer.concat(bytes),
    /** The exit codes that the command has set for an early end of the process. */
    due,
    /** Both streams in the order of writes, as on a terminal. */
    terminal: () => all,
    shutdown: () => shutdown,
    interrupt: () => interruption.abort(),
  };
}
