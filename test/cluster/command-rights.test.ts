import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { describeCluster } from './cluster-test.ts';
import { kubeconfigOf, runCommand, WRITING } from './command.ts';
import { eventually } from './eventually.ts';
import { create, createNamespace, OWNER, objectOf, STANDARD, stored } from './objects.ts';
import type { Outcome } from './run-kubectl.ts';
import { runShell } from './shell.ts';

const LABELLED = 'serviceaccounts, pods, and services';

interface Case {
  readonly what: string;
  readonly command: 'audit' | 'backfill';
  readonly isEverywhere?: boolean;
  /** The permissions that the user already has in the namespace. */
  readonly granted?: readonly string[];
  readonly missing: (where: string) => string;
}

const MAY_LIST = ['--verb=list', '--resource=serviceaccounts,pods,services,poddisruptionbudgets.policy'];

const CASES: readonly Case[] = [
  {
    what: 'audit without any permission',
    command: 'audit',
    missing: (where) =>
      `list ${LABELLED.replace(' and', '')}, poddisruptionbudgets.policy, and networkpolicies.networking.k8s.io ${where}`,
  },
  {
    what: 'backfill without any permission',
    command: 'backfill',
    missing: (where) => `list, get, and patch ${LABELLED} ${where}, or to list poddisruptionbudgets.policy ${where}`,
  },
  {
    what: 'backfill, permitted only to list',
    command: 'backfill',
    granted: MAY_LIST,
    missing: (where) => `get and patch ${LABELLED} ${where}`,
  },
  {
    what: 'backfill -A, permitted in one namespace',
    command: 'backfill',
    isEverywhere: true,
    granted: ['--verb=list,get,patch', '--resource=serviceaccounts,pods,services,poddisruptionbudgets.policy'],
    missing: (where) =>
      `list, get, and patch ${LABELLED} ${where}, or to list poddisruptionbudgets.policy ${where}, or to list namespaces`,
  },
];

describeCluster('a user without admin permissions', () => {
  test.for(CASES)('gets the missing permissions and the commands that grant them: $what', async (given) => {
    const { command, isEverywhere = false, granted, missing } = given;
    const namespace = await createNamespace();
    await create(objectOf('Service', { namespace, labels: { [OWNER]: 'eg' } }));
    const user = `jane-${randomUUID().slice(0, 8)}`;
    const kubeconfig = await kubeconfigOf(user);
    if (granted) await grant(user, namespace, granted);
    // Leaves the namespaces of other tests alone.
    const everywhere = ['-A', '--namespace-selector', `kubernetes.io/metadata.name=${namespace}`];
    const args = [command, ...(isEverywhere ? everywhere : ['-n', namespace]), '-o', 'name'];

    const { exitCode, stdout, stderr } = await runCommand(args, kubeconfig);
    const where = isEverywhere ? 'in all namespaces' : `in the namespace ${namespace}`;
    // A user who may list objects gets as far as the first write.
    const [message, ...commands] = stderr
      .replace(/^writing to .*\n/, '')
      .trimEnd()
      .split('\n');
    expect({ exitCode, stdout, message }).toEqual({
      exitCode: 2,
      stdout: '',
      message: `error: User "${user}" is not allowed to ${missing(where)}. Ask a cluster admin to run:`,
    });
    if (command === 'backfill') expect((await stored('Service', namespace)).metadata.labels).toEqual({ [OWNER]: 'eg' });

    await runShell(commands);
    const succeeded = await untilAllowed(args, kubeconfig);
    expect(succeeded.stdout.split('\n')).toContain('service/eg');
    const said = command === 'backfill' ? WRITING : '';
    expect({ exitCode: succeeded.exitCode, stderr: succeeded.stderr }).toEqual({ exitCode: 0, stderr: said });
    const expected = command === 'backfill' ? { [OWNER]: 'eg', [STANDARD]: 'eg' } : { [OWNER]: 'eg' };
    expect((await stored('Service', namespace)).metadata.labels).toEqual(expected);
  });

  test('labels a namespace with permissions only in that namespace', async () => {
    const namespace = await createNamespace();
    await create(objectOf('Pod', { namespace, labels: { [STANDARD]: 'eg' } }));
    const user = `jane-${randomUUID().slice(0, 8)}`;
    const kubeconfig = await kubeconfigOf(user);
    await grant(user, namespace, [
      '--verb=list,get,patch',
      '--resource=serviceaccounts,pods,services,poddisruptionbudgets.policy',
    ]);
    expect(await untilAllowed(['backfill', '-n', namespace, '-o', 'name'], kubeconfig)).toEqual({
      exitCode: 0,
      stdout: 'pod/eg\n',
      stderr: WRITING,
    });
  });
});

async function grant(name: string, namespace: string, rights: readonly string[]): Promise<void> {
  await runShell([
    `kubectl create role ${name} -n ${namespace} ${rights.join(' ')}`,
    `kubectl create rolebinding ${name} -n ${namespace} --role=${name} --user=${name}`,
  ]);
}

/** The API server watches roles, so a new role takes effect after a moment. */
function untilAllowed(args: readonly string[], kubeconfig: string): Promise<Outcome> {
  return eventually(`${args.join(' ')} to be allowed`, async () => {
    const ended = await runCommand(args, kubeconfig);
    return ended.exitCode === 2 ? undefined : ended;
  });
}
