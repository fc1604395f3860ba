import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The command line that tests start: the sources, or the executable in PROGRAM. */
export const MAIN = process.env['PROGRAM']
  ? resolve(process.env['PROGRAM'])
  : fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Returns the file and the arguments for spawn() that start the command line, or a link to it. */
export function program(args: readonly string[], main = MAIN): [file: string, args: string[]] {
  return process.env['PROGRAM'] ? [main, [...args]] : [process.execPath, [main, ...args]];
}
