import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What processes of the command line run: the sources, or an executable that PROGRAM names. */
export const MAIN = process.env['PROGRAM']
  ? resolve(process.env['PROGRAM'])
  : fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** How to start the command line, or a link to it, with arguments: file and arguments as spawn() takes them. */
export function program(args: readonly string[], main = MAIN): [file: string, args: string[]] {
  return process.env['PROGRAM'] ? [main, [...args]] : [process.execPath, [main, ...args]];
}
