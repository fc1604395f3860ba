import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { NoAccess, withRights } from '../../src/kubernetes/access.ts';
import { ApiClient } from '../../src/kubernetes/api-client.ts';
import { kubernetesObjectStore } from '../../src/kubernetes/kubernetes-object-store.ts';
import type { Right } from '../../src/objects/right.ts';
import { describeCluster } from './cluster-test.ts';
import { eventually } from './eventually.ts';
import { cluster, kubectl, tryKubectl } from './kubectl.ts';
import { createNamespace } from './objects.ts';

const RIGHTS: readonly Right[] = [
  ...['list', 'get', 'patch'].map((verb) => ({ verb, group: '', resource: 'serviceaccounts', namespaced: true })),
  { verb: 'list', group: '', resource: 'pods', namespaced: true },
  { verb: 'list', group: 'policy', resource: 'poddisruptionbudgets', namespaced: true },
];
const LIST_NAMESPACES: Right = { verb: 'list', group: '', resource: 'namespaces', namespaced: false };

type User = Readonly<Record<string, string>>;

/** Creates a client from the tests' kubeconfig with its user changed. */
async function clientOf(change: (admin: User) => User): Promise<ApiClient> {
  const kubeconfig = JSON.parse(await readFile(cluster().kubeconfig, 'utf8'));
  kubeconfig.users[0].user = change(kubeconfig.users[0].user);
  await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-access-'));
  const file = join(directory.path, 'kubeconfig');
  await writeFile(file, JSON.stringify(kubeconfig));
  return new ApiClient({ kubeconfig: file }, {});
}

/** Runs the commands in an error message as a cluster admin would, in a shell. */
async function runCommandsOf({ message }: Error): Promise<string[]> {
  const [, ...commands] = message.split('\n');
  await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-access-'));
  const script = join(directory.path, 'commands');
  await writeFile(script, commands.join('\n'));
  const PATH = `${cluster().assets}${delimiter}${process.env['PATH']}`;
  const { kubeconfig } = cluster();
  // Keeps kubectl out of the home directory: neither settings nor cache.
  const env = { PATH, KUBECONFIG: kubeconfig, KUBECACHEDIR: `${kubeconfig}.cache`, KUBERC: 'off' };
  await promisify(execFile)('sh', ['-e', script], { env });
  return commands.map((command) => command.trim());
}

/** Makes every call that the permissions allow. */
async function act(client: ApiClient, namespaces: readonly string[], isClusterWide: boolean): Promise<string> {
  const store = kubernetesObjectStore(client, { wait: async () => {} });
  for (const namespace of namespaces.length > 0 ? namespaces : [undefined]) {
    await Array.fromAsync(store.list({ kind: 'ServiceAccount', namespace, labelSelector: '' }));
    await Array.fromAsync(store.list({ kind: 'Pod', namespace, labelSelector: '' }));
    await Array.fromAsync(store.podSelecting('PodDisruptionBudget', namespace));
  }
  if (isClusterWide) await Array.fromAsync(store.namespaces(''));
  return 'done';
}

async function refused(action: Promise<unknown>): Promise<NoAccess> {
  const error = await action.then(
    () => expect.fail('the action was not refused'),
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(NoAccess);
  return error as NoAccess;
}

/** The API server watches roles, so a new role takes effect after a moment. */
function granted(run: () => Promise<string>): Promise<string> {
  return eventually('the permissions', () =>
    run().catch((error: Error & { code?: number }) => {
      if (error instanceof NoAccess || error.code === 403) return undefined;
      throw error;
    }),
  );
}

describeCluster('a user without permissions', () => {
  test.for([
    { name: 'jane', quoted: (user: string) => `--user=${user}` },
    { name: "O'Hara (sales)", quoted: (user: string) => `'--user=${user.replace("'", String.raw`'\''`)}'` },
  ])('$name gets the commands that grant them in all namespaces', async ({ name, quoted }) => {
    const user = `${name}-${randomUUID().slice(0, 8)}`;
    const client = await clientOf((admin) => ({ ...admin, as: user }));
    const needed = { command: 'audit', rights: [...RIGHTS, LIST_NAMESPACES], namespaces: [] };
    const run = () => withRights(client, needed, () => act(client, [], true));

    const error = await refused(run());
    expect(error.message.split('\n')[0]).toBe(
      `User "${user}" is not allowed to list, get, and patch serviceaccounts in all namespaces, or to list pods and ` +
        'poddisruptionbudgets.policy in all namespaces, or to list namespaces. Ask a cluster admin to run:',
    );
    const commands = await runCommandsOf(error);
    expect(commands).toHaveLength(4);
    expect(commands[1]).toContain(` ${quoted(user)}`);

    expect(await granted(run)).toBe('done');
    // The commands grant nothing else.
    for (const right of ['delete serviceaccounts', 'patch pods', 'get poddisruptionbudgets.policy', 'get secrets']) {
      const { stdout } = await tryKubectl(['auth', 'can-i', ...right.split(' '), '-A', '--as', user]);
      expect([right, stdout]).toEqual([right, 'no\n']);
    }
  });

  test('gets commands again for permissions that are still missing', async () => {
    const user = `jane-${randomUUID().slice(0, 8)}`;
    const client = await clientOf((admin) => ({ ...admin, as: user }));
    const run = (rights: readonly Right[], isClusterWide: boolean) =>
      withRights(client, { command: 'audit', rights, namespaces: [] }, () => act(client, [], isClusterWide));

    await runCommandsOf(await refused(run(RIGHTS, false)));
    expect(await granted(() => run(RIGHTS, false))).toBe('done');
    const error = await refused(run([...RIGHTS, LIST_NAMESPACES], true));
    expect(error.message).toMatch(/^User "[^"]+" is not allowed to list namespaces\. Ask /);
    await runCommandsOf(error);
    expect(await granted(() => run([...RIGHTS, LIST_NAMESPACES], true))).toBe('done');
  });
});

describeCluster('a ServiceAccount without permissions', () => {
  test('gets the commands that grant them in the namespaces that it needs', async () => {
    const namespaces = [await createNamespace(), await createNamespace()];
    const [home = ''] = namespaces;
    await kubectl(['create', 'serviceaccount', 'heal', '-n', home]);
    const token = (await kubectl(['create', 'token', 'heal', '-n', home])).trim();
    const client = await clientOf(() => ({ token }));
    const run = () =>
      withRights(client, { command: 'backfill', rights: RIGHTS, namespaces }, () => act(client, namespaces, false));

    const error = await refused(run());
    expect(error.message).toContain(`in the namespaces ${namespaces.join(' and ')}, `);
    expect(error.message).toContain(`User "system:serviceaccount:${home}:heal" is not allowed to `);
    const commands = await runCommandsOf(error);
    expect(commands).toHaveLength(8);
    expect(commands.filter((command) => command.includes('cluster'))).toEqual([]);
    expect(commands[1]).toContain(` --serviceaccount=${home}:heal`);

    expect(await granted(run)).toBe('done');
    const account = `system:serviceaccount:${home}:heal`;
    const { stdout } = await tryKubectl(['auth', 'can-i', 'list', 'pods', '-n', 'default', '--as', account]);
    expect(stdout).toBe('no\n');
  });
});
