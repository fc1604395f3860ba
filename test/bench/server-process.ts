import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Cores, MICROSECONDS_PER_TICK, TASKSET } from './machine.ts';

export interface ServerCommand {
  readonly args: readonly string[];
  /** A directory; without it, Node compiles all code again. */
  readonly compileCache?: string | undefined;
  readonly nodeOptions: string;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** The log message after which it answers requests; by default, `listening`. */
  readonly answersFrom?: string | undefined;
}

/** The resources that a process has used so far, if the system reports them. */
export interface Usage {
  /** User and system time of all threads. */
  readonly cpuMicroseconds: number | undefined;
  readonly rssMib: number | undefined;
  readonly peakRssMib: number | undefined;
}

export interface ServerProcess {
  readonly port: number;
  readonly usage: () => Usage;
  readonly kill: () => Promise<void>;
  /** Shuts the process down gracefully; otherwise, it does not write its compile cache. */
  readonly close: () => Promise<void>;
}

/** Much longer than a start takes, even on a busy machine. */
const START_TIMEOUT_MS = 10_000;

/** Starts a server and resolves when it logs, as a line of JSON on stdout, that it listens or answers requests. */
export async function startServer(
  { args, compileCache, nodeOptions, environment, answersFrom = 'listening' }: ServerCommand,
  cores: Cores,
): Promise<ServerProcess> {
  const command = [process.execPath, ...args];
  const [file = '', ...rest] = cores.server === undefined ? command : [TASKSET, '-c', `${cores.server}`, ...command];
  // Nothing else from this environment, such as npm's variables or a developer's settings for the webhook.
  const env = {
    PATH: process.env['PATH'],
    NODE_OPTIONS: nodeOptions,
    ...environment,
    ...(compileCache !== undefined && { NODE_COMPILE_CACHE: compileCache }),
  };
  const child = spawn(file, rest, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  try {
    const port = await listeningPort(child, answersFrom);
    // taskset replaces itself with the server: the process ID stays the same.
    const { pid = 0 } = child;
    return { port, usage: () => usageOf(pid), kill: () => end('SIGKILL'), close: () => end('SIGTERM') };
  } catch (error) {
    await end('SIGKILL');
    throw new Error(`Cannot start ${command.join(' ')}: ${(error as Error).message}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function listeningPort({ stdout }: ChildProcess, answersFrom: string): Promise<number> {
  if (stdout === null) throw new Error('there is no stdout');
  const lines = createInterface({ input: stdout });
  let port = Number.NaN;
  for await (const line of lines) {
    const { msg, url } = JSON.parse(line) as { msg: string; url?: string };
    if (url !== undefined) port = Number(new URL(url).port);
    if (msg !== answersFrom) continue;
    lines.close();
    // Keep reading, and discard: a full pipe would block the server.
    stdout.resume();
    return port;
  }
  throw new Error(`it did not log "${answersFrom}" within ${START_TIMEOUT_MS / 1000} s`);
}

/** Reads the resources that a process has used so far. */
export function usageOf(pid: number): Usage {
  if (process.platform !== 'linux') return { cpuMicroseconds: undefined, rssMib: undefined, peakRssMib: undefined };
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Counted after the process name, which may contain spaces and brackets: utime and stime are fields 14 and 15 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return {
    cpuMicroseconds: (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK,
    rssMib: mib('VmRSS'),
    peakRssMib: mib('VmHWM'),
  };
}
