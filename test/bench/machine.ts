import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The cores of the server under test and of the bench; undefined if the system decides. */
export interface Cores {
  readonly server: number | undefined;
  readonly client: number | undefined;
}

/** The unit of times in /proc: USER_HZ, which is 100 on every Linux that Node runs on. */
export const MICROSECONDS_PER_TICK = 10_000;

/** Pins processes to cores, on most Linux systems (util-linux). */
export const TASKSET = 'taskset';

/** Pins this process to one core and returns another one for the server, if there are two cores and taskset is installed. */
export function shareCores(): Cores {
  const [client, server] = allowedCores();
  if (client === undefined || server === undefined) return { client: undefined, server: undefined };
  const { status } = spawnSync(TASKSET, ['-a', '-c', '-p', `${client}`, `${process.pid}`]);
  return status === 0 ? { client, server } : { client: undefined, server: undefined };
}

/** The cores that this process may run on. Linux lists them as `0-3,8`. */
function allowedCores(): number[] {
  if (process.platform !== 'linux') return [];
  const [, list = ''] = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/**
 * Starts measuring the CPU time of other processes. The returned function returns their average number of busy cores since
 * then, or undefined if the system does not report it. The higher it is, the less reliable are the measurements.
 */
export function watchOthers(): () => number | undefined {
  if (process.platform !== 'linux') return () => undefined;
  const startedAt = performance.now();
  const before = othersMicroseconds();
  return () => Math.max(0, othersMicroseconds() - before) / ((performance.now() - startedAt) * 1000);
}

/** CPU time of the whole machine, without this process and those of its children that have ended. */
function othersMicroseconds(): number {
  // user, nice, system, then idle and iowait, irq, softirq and steal (proc(5)).
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = numbers('/proc/stat', /^cpu +(.*)$/m);
  // Counted after the process name: utime, stime, cutime and cstime are fields 14 to 17.
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
