import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { program } from '../support/program.ts';
import { cluster } from './kubectl.ts';
import type { Outcome } from './run-kubectl.ts';

/** Sets the rule: otherwise `audit` and `backfill` print that they use the default, because no release is installed. */
export function environmentOf(kubeconfig: string): NodeJS.ProcessEnv {
  return { KUBECONFIG: kubeconfig, GATEWAY_NAME_WEBHOOK_REVERSE: 'both' };
}

/** What `backfill` prints on standard error if nothing is wrong: the cluster that it writes to. */
export const WRITING: string = expect.stringMatching(/^writing to https:\/\/\S+ \(context test\)\n$/);

/** Runs a command of the program against the tests' cluster, as its administrator unless a kubeconfig is given. */
export function runCommand(args: readonly string[], kubeconfig = cluster().kubeconfig): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    execFile(...program(args), { env: environmentOf(kubeconfig) }, (error, stdout, stderr) => {
      const exitCode = error ? error.code : 0;
      if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr });
      else reject(error);
    });
  });
}

/** Writes a kubeconfig with which the administrator impersonates a user. Returns its path. */
export async function kubeconfigOf(user: string): Promise<string> {
  const kubeconfig = JSON.parse(await readFile(cluster().kubeconfig, 'utf8'));
  kubeconfig.users[0].user.as = user;
  const file = `${cluster().kubeconfig}.${user}`;
  await writeFile(file, JSON.stringify(kubeconfig));
  return file;
}
