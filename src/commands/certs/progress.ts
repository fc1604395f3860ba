import type { Context } from '../context.ts';

/** Reports progress, each message once. */
export class Progress {
  readonly #context: Context;
  #shown = '';
  #warned = '';

  constructor(context: Context) {
    this.#context = context;
  }

  /** Only on a terminal. */
  show(text: string): void {
    if (!this.#context.stderr.isTTY || text === this.#shown) return;
    this.#shown = text;
    this.#context.stderr.write(`${text}\n`);
  }

  /** Also without a terminal. */
  warn(text: string): void {
    if (text === this.#warned) return;
    this.#warned = text;
    this.#context.stderr.write(`warning: ${text}\n`);
  }
}
