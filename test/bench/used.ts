import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** What a process has used when it is at its end. */
export interface Used {
  readonly cpuSeconds: number;
  /** Only Linux tells. */
  readonly peakRssMib: number;
}

/**
 * Run in the process before its own code: tells at its end what it has used. Not the maxRSS of getrusage, which counts what the
 * parent had when it forked.
 */
const TELL_USED = `data:text/javascript,${encodeURIComponent(`
  import { readFileSync, writeSync } from 'node:fs';
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    const [, kibibytes] = /^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    writeSync(3, JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakRssMib: kibibytes / 1024 }));
  });
`)}`;

/** Runs Node.js, or an executable that has it inside, and returns what it has used. */
export async function used(file: string, args: readonly string[], stdout: number | 'ignore'): Promise<Used> {
  const env = { ...process.env, NODE_OPTIONS: `--import=${TELL_USED}` };
  const child = spawn(file, args, { env, stdio: ['ignore', stdout, 'inherit', 'pipe'] });
  const exited = once(child, 'exit');
  const told = await text(child.stdio[3] as NodeJS.ReadableStream);
  const [exitCode] = await exited;
  if (exitCode !== 0) throw new Error(`Cannot measure: ${args.join(' ')} exits with ${exitCode}`);
  return JSON.parse(told);
}
