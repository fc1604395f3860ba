import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Form } from './pod-lists.ts';

/** What a process has used when it is at its end. */
export interface Used {
  readonly cpuSeconds: number;
  /** Only Linux tells. */
  readonly peakRssMib: number;
}

const BUNDLE = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Runs `review -o yaml` on a file, and writes what it prints to another. */
export async function runReview(input: string, output: string): Promise<Used> {
  const descriptor = openSync(output, 'w');
  try {
    return await run(['--max-semi-space-size=8', BUNDLE, 'review', '-o', 'yaml', input], descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Runs a process that reads the file as a whole, and parses it. */
export function runYardstick(form: Form, input: string): Promise<Used> {
  return run(['--input-type=module', `--eval=${PARSERS[form]}`, input], 'ignore');
}

const READ_ALL = "(await import('node:fs')).readFileSync(process.argv[1], 'utf8')";
const PARSERS: Readonly<Record<Form, string>> = {
  json: `JSON.parse(${READ_ALL})`,
  yaml: `(await import(${JSON.stringify(import.meta.resolve('yaml'))})).parse(${READ_ALL})`,
};

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

async function run(args: readonly string[], stdout: number | 'ignore'): Promise<Used> {
  const stdio = ['ignore', stdout, 'inherit', 'pipe'] as const;
  const child = spawn(process.execPath, [`--import=${TELL_USED}`, ...args], { stdio: [...stdio] });
  const exited = once(child, 'exit');
  const told = await text(child.stdio[3] as NodeJS.ReadableStream);
  const [exitCode] = await exited;
  if (exitCode !== 0) throw new Error(`Cannot measure: ${args.join(' ')} exits with ${exitCode}`);
  return JSON.parse(told);
}
