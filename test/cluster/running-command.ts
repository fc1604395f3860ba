import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { program } from '../support/program.ts';
import { environmentOf } from './command.ts';
import { cluster } from './kubectl.ts';

/** The exit code and the output of a command. */
interface Ended {
  /** Null if a signal ended the process. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of the program that runs for a while and can receive signals. */
export class RunningCommand implements AsyncDisposable {
  /** Resolves when the process has ended. */
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #whenPrinted = Promise.withResolvers<void>();

  constructor(args: readonly string[], kubeconfig = cluster().kubeconfig) {
    const child = spawn(...program(args), {
      env: environmentOf(kubeconfig),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const lines = createInterface(child.stdout).on('line', (line) => {
      this.#lines.push(line);
      this.#whenPrinted.resolve();
      this.#whenPrinted = Promise.withResolvers();
    });
    this.ended = Promise.all([text(child.stderr), once(lines, 'close'), once(child, 'exit')]).then(
      ([stderr, , [exitCode]]) => ({ exitCode, stdout: this.#lines.map((line) => `${line}\n`).join(''), stderr }),
    );
  }

  /** Waits until the command has printed this many lines; rejects if it ends before. */
  async printed(count: number): Promise<void> {
    while (this.#lines.length < count) {
      await Promise.race([this.#whenPrinted.promise, this.ended.then((ended) => this.#refuse(count, ended))]);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL');
    await this.ended;
  }

  #refuse(count: number, ended: Ended): void {
    if (this.#lines.length < count)
      throw new Error(`The command ended before it printed ${count} lines: ${JSON.stringify(ended)}`);
  }
}
