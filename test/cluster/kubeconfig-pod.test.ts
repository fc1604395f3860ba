import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { type KubeconfigCase, kubeconfig } from '../support/kubeconfig/case.ts';
import { World } from '../support/kubeconfig/world.ts';
import { test } from './cluster-test.ts';
import { cluster } from './kubectl.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.recorder.stop());

const SERVICE_ACCOUNT = { 'sa/ca.crt': '$CA_PEM', 'sa/token': 'of-the-pod', 'sa/namespace': 'its-namespace' };
const IN_POD = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '$HTTPS_PORT' };

const OF_POD = {
  host: '127.0.0.1:https',
  sni: undefined,
  authorization: 'Bearer of-the-pod',
  path: '/api/v1/namespaces/its-namespace/serviceaccounts',
};

const CASES: readonly KubeconfigCase[] = [
  { name: 'without a kubeconfig', files: {}, env: IN_POD, kubectl: OF_POD },
  { name: 'with an empty KUBECONFIG', files: {}, env: { ...IN_POD, KUBECONFIG: '' }, kubectl: OF_POD },
  {
    name: 'with the namespace of POD_NAMESPACE',
    files: {},
    env: { ...IN_POD, POD_NAMESPACE: 'other' },
    kubectl: { ...OF_POD, path: '/api/v1/namespaces/other/serviceaccounts' },
  },
  {
    name: 'with an IPv6 address',
    files: {},
    env: { ...IN_POD, KUBERNETES_SERVICE_HOST: '::1' },
    kubectl: { ...OF_POD, host: '[::1]:https' },
  },
  {
    name: 'with HTTPS_PROXY',
    files: {},
    env: { ...IN_POD, KUBERNETES_SERVICE_HOST: 'api.test', HTTPS_PROXY: 'http://localhost:$PROXY_PORT' },
    kubectl: { ...OF_POD, host: 'api.test:https', sni: 'api.test', proxy: 'CONNECT api.test:https' },
  },
  { name: 'with an empty kubeconfig', files: { config: '' }, env: IN_POD, kubectl: OF_POD },
  {
    name: 'with a kubeconfig without a current context',
    files: { config: kubeconfig({ more: { 'current-context': '' } }) },
    env: IN_POD,
    kubectl: OF_POD,
  },
  {
    name: 'with a kubeconfig',
    files: { config: kubeconfig() },
    env: IN_POD,
    kubectl: { path: '/api/v1/namespaces/its-namespace/serviceaccounts' },
  },
  {
    name: 'with a kubeconfig and its namespace',
    files: { config: kubeconfig({ context: { namespace: 'n' } }) },
    env: IN_POD,
    kubectl: { path: '/api/v1/namespaces/n/serviceaccounts' },
  },
  {
    name: 'without the address of the API server',
    files: {},
    kubectl: /localhost:8080/,
    ours: /No cluster found/,
  },
  {
    name: 'with --as',
    files: {},
    env: IN_POD,
    flags: { as: 'jane' },
    // With this flag, kubectl does not look for the Pod's cluster.
    kubectl: /localhost:8080/,
    ours: { ...OF_POD, impersonation: ['impersonate-user: jane'] },
  },
];

/** Runs a command with a ServiceAccount mounted as in a Pod; returns its output. */
async function runInPod(directory: string, command: readonly string[], env: Readonly<Record<string, string>>) {
  const mount = `mount -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io &&
    cp -r '${directory}/sa' /run/secrets/kubernetes.io/serviceaccount && exec "$@"`;
  const args = [...UNSHARE, 'sh', '-c', mount, 'sh', ...command];
  const child = spawn('unshare', args, { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return stdout + stderr;
}

/** Works for root, and for users who may create namespaces. */
const UNSHARE = ['--map-root-user', '--mount'];
const canUnshare = spawnSync('unshare', [...UNSHARE, 'true']).status === 0;
const isSkipped = inject('cluster') === null || !(canUnshare || process.env['REQUIRE_CLUSTER']);

describe.skipIf(isSkipped)('in a Pod', () => {
  const programs = [
    { name: 'kubectl', command: () => [join(cluster().assets, 'kubectl'), 'get', 'serviceaccounts'] },
    { name: 'ours', command: () => [process.execPath, MAIN, 'list'] },
  ];
  const rows = programs.flatMap((program) =>
    CASES.map((row) => ({ program, row, name: `${program.name} ${row.name}` })),
  );

  test.for(rows)('$name', async ({ program, row }) => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-pod-'));
    const files = { ...SERVICE_ACCOUNT, ...row.files };
    const { environment, flags } = world.write(directory.path, { ...row, files });
    const command = [...program.command(), ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)];
    const printed = await runInPod(directory.path, command, {
      ...environment,
      KUBECACHEDIR: join(directory.path, 'cache'),
    });
    const expected = world.expected(program.name === 'ours' ? (row.ours ?? row.kubectl) : row.kubectl);
    const [arrival] = world.arrived();
    if (expected instanceof RegExp) {
      expect(printed).toMatch(expected);
      expect(arrival).toBeUndefined();
    } else {
      expect(arrival).toEqual(expected);
    }
  });
});
