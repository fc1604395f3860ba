#!/usr/bin/env node
import closeWithGrace from 'close-with-grace';
import { run } from './commands/program.ts';

// `review … | head`: who reads has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  onShutdown: ({ delayMs, close, onSecondSignal, onTimeout }) => {
    closeWithGrace({ delay: delayMs, logger: false, onSecondSignal, onTimeout }, close);
  },
});
