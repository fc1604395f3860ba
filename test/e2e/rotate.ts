import { fileURLToPath } from 'node:url';
import { run } from './program.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Rotates the CA and every serving certificate as an operator does; resolves when every replica serves from the new CA. */
export async function rotate(): Promise<void> {
  await run(process.execPath, [MAIN, 'certs', 'rotate']);
}
