import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Which cores the server under test and the bench run on; undefined where the system decides. */
export interface Cores {
  readonly server: number | undefined;
  readonly client: number | undefined;
}

/** The unit of times in /proc: USER_HZ, which is 100 on every Linux that Node runs on. */
export const MICROSECONDS_PER_TICK = 10_000;

/** Pins processes to cores, on most Linux systems (util-linux). */
export const TASKSET = 'taskset';

/** Pins this process to one core and returns another one for the server, where there are two and taskset. */
export function shareCores(): Cores {
  const [client, server] = allowedCores();
  if (client === undefined || server === undefined) return { client: undefined, server: undefined };
  const { status } = spawnSync(TASKSET, ['-a', '-c', '-p', `${client}`, `${process.pid}`]);
  return status === 0 ? { client, server } : { client: undefined, server: undefined };
}

/** The cores that this process may run on, which Linux writes as `0-3,8`. */
function allowedCores(): number[] {
  if (process.platform !== 'linux') return [];
  const [, list = ''] = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/**
 * Begins to watch what other processes use of this machine; the function that it returns says how many cores, on average,
 * since then. Much of it, and the measurements are worth little. Undefined where the system does not tell.
 */
export function watchOthers(): () => number | undefined {
  if (process.platform !== 'linux') return () => undefined;
  const startedAt = performance.now();
  const before = othersMicroseconds();
  return () => Math.max(0, othersMicroseconds() - before) / ((performance.now() - startedAt) * 1000);
}

/** All CPU time spent on this machine but for this process's and its children's, as far as they have ended. */
function othersMicroseconds(): number {
  // user, nice, system, then idle and iowait, irq, softirq and steal (proc(5)).
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = numbers('/proc/stat', /^cpu +(.*)$/m);
  // After the name: utime, stime, cutime and cstime are fields 14 to 17.
  const own = numbers('/proc/self/stat', /^.*\) \S (.*)$/m).slice(10, 14);
  const all = [user, nice, system, irq, softirq, steal];
  return (sum(all) - sum(own)) * MICROSECONDS_PER_TICK;
}

function numbers(path: string, pattern: RegExp): number[] {
  const [, text = ''] = pattern.exec(readFileSync(path, 'utf8')) ?? [];
  return text.split(' ').map(Number);
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}
