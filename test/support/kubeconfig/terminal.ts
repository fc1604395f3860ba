import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** A plugin that prompts for a token, like a login. */
export const ASKING = `#!/bin/sh
printf 'Token, please: ' >&2
read -r token
printf '%s' "{\\"apiVersion\\": \\"client.authentication.k8s.io/v1\\", \\"kind\\": \\"ExecCredential\\",
  \\"status\\": {\\"token\\": \\"$token\\"}}"
`;

/** Whether `script` from util-linux is available; BSD's has other flags. */
export const HAS_TERMINAL = spawnSync('script', ['--version']).status === 0;

/** Runs a shell command in a new terminal, and types a line. Returns the terminal's output. */
export async function inTerminal(command: string, environment: Readonly<Record<string, string>>, line: string) {
  const child = spawn('script', ['--quiet', '--command', command, '/dev/null'], { env: { ...environment } });
  child.stdin.write(`${line}\n`);
  const [shown] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return shown;
}
