#!/usr/bin/env -S node --max-semi-space-size=8
// The flag, also of `npm start`: what a review leaves behind is collected sooner, so that bursts take less memory.
import closeWithGrace from 'close-with-grace';
import { run } from './commands/program.ts';
import { programName } from './commands/program-name.ts';

// `review … | head`, `review > /dev/full`: output is lost, so the command fails, whatever it found.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE' && stream === process.stdout)
      process.stderr.write(`error: cannot write the output: ${message}\n`);
    process.exit(process.exitCode || 1);
  });
}

process.exitCode = await run(process.argv.slice(2), {
  program: programName(String(process.argv[1])),
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  willExitWith: (exitCode) => {
    process.exitCode = exitCode;
  },
  onShutdown: ({ delayMs, close, onSecondSignal, onTimeout }) => {
    // Not when nothing is left to do: then the start has failed, and its exit code counts.
    closeWithGrace({ delay: delayMs, logger: false, skip: ['beforeExit'], onSecondSignal, onTimeout }, close);
  },
  interruption: () => {
    const controller = new AbortController();
    const signals = ['SIGINT', 'SIGTERM'] as const;
    const abort = () => {
      controller.abort();
      // Without a listener, the next one has its usual effect.
      for (const signal of signals) process.off(signal, abort);
    };
    for (const signal of signals) process.on(signal, abort);
    return controller.signal;
  },
});
