import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { Timing } from '../../src/certificates/timing.ts';
import { SERVE_SETTINGS, type SettingTexts } from '../../src/commands/options/settings.ts';
import { runCommand } from '../cluster/command.ts';
import { cluster, kubectl } from '../cluster/kubectl.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import { Replica } from '../cluster/replica.ts';
import type { Outcome } from '../cluster/run-kubectl.ts';
import { argumentsOf, podTemplatesOf } from './pod-templates.ts';

/** Starts the webhook with the arguments of its rendered Pod, but on free ports of this machine: no Pods run here. */
export async function startReplica(objects: readonly KubernetesObject[], timing?: Timing): Promise<Replica> {
  const args = argumentsOf(objects, 'Deployment');
  const settings = Object.fromEntries(
    Object.entries(SERVE_SETTINGS).flatMap(([name, { flags }]) => {
      const [flag] = flags.split(' ');
      const given = args.find((argument) => argument.startsWith(`${flag}=`));
      return given === undefined ? [] : [[name, given.slice(`${flag}=`.length)]];
    }),
  );
  const kubeconfig = await kubeconfigOf(objects, 'Deployment');
  return new Replica({ environment: { KUBECONFIG: kubeconfig }, settings: settings as Partial<SettingTexts>, timing });
}

/** Runs heal with the arguments of its rendered Pod. */
export async function runHeal(objects: readonly KubernetesObject[]): Promise<Outcome> {
  // The file is in the container.
  const args = argumentsOf(objects, 'CronJob').filter((argument) => !argument.startsWith('--summary-file='));
  return runCommand(args, await kubeconfigOf(objects, 'CronJob'));
}

/** Writes a kubeconfig with the namespace of a rendered Pod and a token of its ServiceAccount. Returns its path. */
export async function kubeconfigOf(
  objects: readonly KubernetesObject[],
  kind: 'Deployment' | 'CronJob',
): Promise<string> {
  const object = objects.find((candidate) => candidate.kind === kind);
  const [template] = object ? podTemplatesOf(object) : [];
  if (!object || !template) throw new Error(`Cannot find a ${kind} among the objects`);
  const { namespace = '' } = object.metadata;
  return kubeconfigOfAccount(template.spec.serviceAccountName, namespace);
}

/** Writes a kubeconfig with a token of a ServiceAccount, and its namespace as that of the context. Returns the path. */
export async function kubeconfigOfAccount(name: string, namespace: string): Promise<string> {
  const token = await kubectl(['create', 'token', name, '-n', namespace]);

  const kubeconfig = JSON.parse(await readFile(cluster().kubeconfig, 'utf8'));
  kubeconfig.users[0].user = { token: token.trim() };
  kubeconfig.contexts[0].context.namespace = namespace;
  const file = `${cluster().kubeconfig}.${randomUUID()}`;
  await writeFile(file, JSON.stringify(kubeconfig), { mode: 0o600 });
  return file;
}
