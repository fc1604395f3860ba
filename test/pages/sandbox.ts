import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { inject } from 'vitest';
import { CHART, type Program } from '../chart/helm.ts';
import { cluster } from '../cluster/kubectl.ts';
import { OWNER } from '../cluster/objects.ts';
import type { Outcome } from '../cluster/run-kubectl.ts';
import { MAIN, program } from '../support/program.ts';

const SERVICE_ACCOUNT = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: manifest
  labels: { ${OWNER}: eg }
`;

/** The directory and the shell in which a reader types what pages show. */
export interface Sandbox {
  run(line: string, helm: Program): Promise<Outcome>;
}

/**
 * Fills a directory with what commands name: the chart of a clone, manifests, and the programs in a PATH.
 *
 * The context of the kubeconfig is in `namespace`. `proxied` is a kubeconfig by which ports of Pods can be forwarded.
 */
export async function createSandbox(directory: string, namespace: string, proxied: string): Promise<Sandbox> {
  const file = (...names: readonly string[]) => join(directory, ...names);
  await mkdir(file('deploy'));
  await writeFile(file('deploy', 'service-account.yaml'), SERVICE_ACCOUNT);
  await mkdir(file('my-chart', 'templates'), { recursive: true });
  await writeFile(file('my-chart', 'Chart.yaml'), 'apiVersion: v2\nname: my-chart\nversion: 0.1.0\n');
  await writeFile(file('my-chart', 'templates', 'service-account.yaml'), SERVICE_ACCOUNT);
  await mkdir(file('charts'));
  await cp(CHART, file('charts', 'gateway-name-webhook'), { recursive: true });
  const kubeconfig = await inNamespace(cluster().kubeconfig, namespace, file('kubeconfig'));
  const ownKubeconfig = await inNamespace(proxied, namespace, file('proxied-kubeconfig'));

  await mkdir(file('links'));
  for (const name of ['gateway-name-webhook', 'kubectl-gateway_name']) {
    await symlink(MAIN, file('links', name));
    const [executable, args] = program([], file('links', name));
    await writeScript(file('bin'), name, `KUBECONFIG=${ownKubeconfig} exec ${executable} ${args.join(' ')} "$@"`);
  }
  for (const helm of ['helm', 'helm3'] as const) {
    await mkdir(file(helm));
    await symlink(inject(helm) ?? '/nonexistent', file(helm, 'helm'));
  }
  return {
    run: (line, helm) => {
      const PATH = [file('bin'), file(helm), cluster().assets, process.env['PATH']].join(delimiter);
      const homes = Object.fromEntries(['CACHE', 'CONFIG', 'DATA'].map((name) => [`HELM_${name}_HOME`, file('home')]));
      const env = { PATH, HOME: file('home'), KUBECONFIG: kubeconfig, KUBERC: 'off', ...homes };
      return runShell(line, { cwd: directory, env });
    },
  };
}

function runShell(line: string, options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    execFile('bash', ['-o', 'pipefail', '-c', line], { ...options, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const exitCode = error ? error.code : 0;
      if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr });
      else reject(error);
    });
  });
}

async function inNamespace(kubeconfig: string, namespace: string, file: string): Promise<string> {
  const config = JSON.parse(await readFile(kubeconfig, 'utf8'));
  config.contexts[0].context.namespace = namespace;
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

async function writeScript(directory: string, name: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}
