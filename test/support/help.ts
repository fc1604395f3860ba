import { run } from '../../src/commands/program.ts';
import { testContext } from './context.ts';

/** The commands, as a user types them. */
export const COMMANDS = [
  'serve',
  'review',
  'why',
  'audit',
  'backfill',
  'list',
  'certs',
  'certs status',
  'certs rotate',
  'doctor',
  'completion',
] as const;

/** What a command prints with --help. */
export async function helpOf(command: string): Promise<string> {
  const { context, written } = testContext({ environment: {} });
  await run([...command.split(' '), '--help'], context);
  return written.stdout;
}
