import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A process that ignores SIGTERM for this long is killed: its data is discarded anyway. */
const STOP_TIMEOUT_MS = 30_000;

/** How much of a log an error message shows. */
const LOG_TAIL_LINES = 20;

/** A process of the control plane, whose output goes to a file. */
export class Component implements AsyncDisposable {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #kill = () => this.#child.kill('SIGKILL');

  private constructor(program: string, args: readonly string[], directory: string) {
    this.name = basename(program);
    this.#log = join(directory, `${this.name}.log`);
    const output = openSync(this.#log, 'a');
    this.#child = spawn(program, args, { cwd: directory, stdio: ['ignore', output, output] });
    closeSync(output);
    // If the test run ends without its teardown.
    process.once('exit', this.#kill);
  }

  /** Starts a program, with its log in `directory`. Rejects if there is no such program. */
  static async start(program: string, args: readonly string[], directory: string): Promise<Component> {
    const component = new Component(program, args, directory);
    await once(component.#child, 'spawn');
    return component;
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`Cannot return the PID of ${this.name}: it was not started`);
    return pid;
  }

  /** Throws if the process has ended. */
  check(): void {
    const { exitCode, signalCode } = this.#child;
    if (!this.#isRunning()) throw new Error(`${this.name} exited: ${signalCode ?? exitCode}`);
  }

  /** Returns the end of the log, with the name as its heading. */
  logTail(): string {
    const lines = readFileSync(this.#log, 'utf8').trimEnd().split('\n');
    return [`${this.name}:`, ...lines.slice(-LOG_TAIL_LINES)].join('\n  ');
  }

  /** Ends the process and waits for its exit. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isRunning()) {
      const exited = once(this.#child, 'exit');
      const timeout = setTimeout(this.#kill, STOP_TIMEOUT_MS);
      this.#child.kill('SIGTERM');
      await exited;
      clearTimeout(timeout);
    }
    process.off('exit', this.#kill);
  }

  #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
}
