import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const BUNDLE = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/**
 * Preloaded into the process: on exit, it writes the peak RSS to a pipe. maxRSS of getrusage would include the parent's
 * memory at the time of the fork.
 */
const REPORT_PEAK_RSS = `data:text/javascript,${encodeURIComponent(`
  import { readFileSync, writeSync } from 'node:fs';
  process.on('exit', () => writeSync(3, readFileSync('/proc/self/status', 'utf8')));
`)}`;

/** A run of dist/main.js that has ended. */
export interface MeasuredRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Wall time, from spawn to exit. */
  readonly seconds: number;
  readonly peakRssMib: number;
}

/** Runs dist/main.js, which must be built, with the flags of its first line. Memory is only measured on Linux. */
export async function measuredRun(args: readonly string[], env: NodeJS.ProcessEnv): Promise<MeasuredRun> {
  const startedAt = performance.now();
  const command = [`--import=${REPORT_PEAK_RSS}`, '--max-semi-space-size=8', BUNDLE, ...args];
  const child = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const [stdout, stderr, status] = await Promise.all(
    [1, 2, 3].map((stream) => text(child.stdio[stream] as NodeJS.ReadableStream)),
  );
  const [exitCode] = await exited;
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status ?? '') ?? [];
  return {
    exitCode,
    stdout: stdout ?? '',
    stderr: stderr ?? '',
    seconds: (performance.now() - startedAt) / 1000,
    peakRssMib: Number(kibibytes) / 1024,
  };
}
