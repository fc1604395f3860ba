import { Readable, Writable } from 'node:stream';
import type { Context, Shutdown } from '../../src/commands/context.ts';

interface TestContextOptions {
  readonly environment?: Context['environment'];
  readonly stdin?: string | Buffer;
  readonly isTTY?: boolean;
  /** Of standard error alone, if it is not the same. */
  readonly isErrorTTY?: boolean;
  /** Whether a reader is slower than what is written. */
  readonly isSlow?: boolean;
}

/** A process as commands see it, with what they wrote and how they want to be shut down. */
export function testContext({
  environment = {},
  stdin = '',
  isTTY = false,
  isErrorTTY = isTTY,
  isSlow = false,
}: TestContextOptions = {}) {
  const written = { stdout: '', stderr: '' };
  let all = '';
  const sink = (name: 'stdout' | 'stderr') => {
    const stream = new Writable({
      write(chunk, _encoding, done) {
        written[name] += chunk;
        all += chunk;
        if (isSlow) setImmediate(done);
        else done();
      },
    });
    return Object.assign(stream, { isTTY: name === 'stdout' ? isTTY : isErrorTTY });
  };
  let shutdown: Shutdown | undefined;
  const interruption = new AbortController();
  const context: Context = {
    environment,
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    onShutdown: (given) => {
      shutdown = given;
    },
    interruption: () => interruption.signal,
  };
  return {
    context,
    written,
    /** Both streams, as one terminal gets them. */
    terminal: () => all,
    shutdown: () => shutdown,
    interrupt: () => interruption.abort(),
  };
}
