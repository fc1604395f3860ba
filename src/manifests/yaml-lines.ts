import type { Source } from './source.ts';

/** `---` or `...` at the start of a line ends a document (YAML 1.2.2, section 9.1), even inside of a scalar. */
const MARKER = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/;
const BLANK = /^[ \t]*(?:#.*)?\r?\n?$/;

/** Passes over a document: up to the `---` of the next one, or over the `...` at its end. */
export async function passDocument(source: Source, hasBegun = false): Promise<void> {
  let begun = hasBegun;
  let hasDirectives = false;
  for (let line = await source.line(); line !== ''; line = await source.line()) {
    const marker = MARKER.exec(line)?.[0];
    if (marker === '---' && begun) return;
    source.pass(line);
    if (marker === '...') return;
    // What stands between directives and the `---` of their document belongs to it.
    const isBefore: boolean = !begun && (line.startsWith('%') || (hasDirectives && BLANK.test(line)));
    hasDirectives ||= isBefore;
    begun = !isBefore;
  }
}

/** Passes over an item of a block sequence: its first line, and all that are indented more, blank or comments. */
export async function passItem(source: Source, indent: string): Promise<void> {
  source.pass(await source.line());
  for (let line = await source.line(); line !== ''; line = await source.line()) {
    if (!line.startsWith(`${indent} `) && !BLANK.test(line)) return;
    source.pass(line);
  }
}

/** Whether a line begins an item of a block sequence of this indentation. */
export function beginsItem(line: string, indent: string): boolean {
  return line.startsWith(`${indent}-`) && /^[ \t\r\n]?$/.test(line.charAt(indent.length + 1));
}
