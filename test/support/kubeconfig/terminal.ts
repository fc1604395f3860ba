import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** It asks for a token, as people log in. */
export const ASKING = `#!/bin/sh
printf 'Token, please: ' >&2
read -r token
printf '%s' "{\\"apiVersion\\": \\"client.authentication.k8s.io/v1\\", \\"kind\\": \\"ExecCredential\\",
  \\"status\\": {\\"token\\": \\"$token\\"}}"
`;

/** Whether there is the `script` of util-linux; that of BSD has other flags. */
export const HAS_TERMINAL = spawnSync('script', ['--version']).status === 0;

/** Runs a shell command in a terminal of its own, where a line is typed. Returns what the terminal shows. */
export async function inTerminal(command: string, environment: Readonly<Record<string, string>>, line: string) {
  const child = spawn('script', ['--quiet', '--command', command, '/dev/null'], { env: { ...environment } });
  child.stdin.write(`${line}\n`);
  const [shown] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return shown;
}
