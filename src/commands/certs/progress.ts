import type { Context } from '../context.ts';

/** Tells what is going on, each thing once. */
export class Progress {
  readonly #context: Context;
  #shown = '';
  #warned = '';

  constructor(context: Context) {
    this.#context = context;
  }

  /** To a person at a terminal. */
  show(text: string): void {
    if (!this.#context.stderr.isTTY || text === this.#shown) return;
    this.#shown = text;
    this.#context.stderr.write(`${text}\n`);
  }

  /** To a log, too. */
  warn(text: string): void {
    if (text === this.#warned) return;
    this.#warned = text;
    this.#context.stderr.write(`warning: ${text}\n`);
  }
}
