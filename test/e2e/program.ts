import { execFile } from 'node:child_process';

interface RunOptions {
  /** What the program reads from standard input: an object as JSON. */
  readonly input?: unknown;
  readonly timeoutMs?: number;
}

/** A program that runs longer hangs: the longest waits, `helm --wait` and `kubectl rollout status`, end before. */
const TIMEOUT_MS = 5 * 60_000;

/** Runs a program of the PATH and returns what it printed. Rejects with what it complained about. */
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
    // A program that ends before it has read: its exit code tells more than EPIPE.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input === undefined ? '' : JSON.stringify(input));
  });
}

/** Runs kubectl against the current cluster. `input` is what `-f -` reads. */
export function kubectl(args: readonly string[], input?: unknown): Promise<string> {
  return run('kubectl', args, { input });
}

/** Runs kubectl and reads its output as JSON. */
export async function kubectlJson<T>(args: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl([...args, '-o', 'json'])) as T;
}
