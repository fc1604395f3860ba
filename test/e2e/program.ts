import { execFile } from 'node:child_process';

interface RunOptions {
  /** The standard input of the program: an object as JSON. */
  readonly input?: unknown;
  readonly timeoutMs?: number;
}

/** A program that runs for longer hangs: `helm --wait` and `kubectl rollout status`, which wait the longest, take less. */
const TIMEOUT_MS = 5 * 60_000;

/** Runs a program from the PATH and returns its output. Rejects with its error output. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { input, timeoutMs = TIMEOUT_MS } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      [...args],
      { timeout: timeoutMs, maxBuffer: 256 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const reason = stderr || stdout || error.message;
        reject(new Error(`Cannot ${program} ${args.join(' ')}: ${reason.trim()}`, { cause: error }));
      },
    );
    // A program may exit before it reads: its exit code says more than EPIPE.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input === undefined ? '' : JSON.stringify(input));
  });
}

/** Runs kubectl against the current cluster. `input` is its standard input, for `-f -`. */
export function kubectl(args: readonly string[], input?: unknown): Promise<string> {
  return run('kubectl', args, { input });
}

/** Runs kubectl and reads its output as JSON. */
export async function kubectlJson<T>(args: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl([...args, '-o', 'json'])) as T;
}
