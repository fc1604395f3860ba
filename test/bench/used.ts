import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** The resources that an ended process has used. */
export interface Used {
  readonly cpuSeconds: number;
  /** Only measured on Linux. */
  readonly peakRssMib: number;
}

/**
 * Preloaded into the process: on exit, it reports the resources used. It does not use maxRSS of getrusage, which includes the
 * parent's memory at the time of the fork.
 */
const REPORT_USED = `data:text/javascript,${encodeURIComponent(`
  import { readFileSync, writeSync } from 'node:fs';
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    const [, kibibytes] = /^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    writeSync(3, JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakRssMib: kibibytes / 1024 }));
  });
`)}`;

/** Runs Node.js, or an executable that contains it, and returns the resources it has used. */
export async function used(file: string, args: readonly string[], stdout: number | 'ignore'): Promise<Used> {
  const env = { ...process.env, NODE_OPTIONS: `--import=${REPORT_USED}` };
  const child = spawn(file, args, { env, stdio: ['ignore', stdout, 'inherit', 'pipe'] });
  const exited = once(child, 'exit');
  const report = await text(child.stdio[3] as NodeJS.ReadableStream);
  const [exitCode] = await exited;
  if (exitCode !== 0) throw new Error(`Cannot measure: ${args.join(' ')} exits with ${exitCode}`);
  return JSON.parse(report);
}
