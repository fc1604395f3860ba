import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { program } from '../support/program.ts';
import { describeCluster } from './cluster-test.ts';
import { kubeconfigOf, runCommand } from './command.ts';
import { cluster, kubectl } from './kubectl.ts';
import { create, createNamespace, type Kind, type Labels, OWNER, objectOf, STANDARD } from './objects.ts';

const OWNER_NAMESPACE = 'gateway.envoyproxy.io/owning-gateway-namespace';

const OBJECTS: readonly (readonly [Kind, string, Labels])[] = [
  ['ServiceAccount', 'both', { [OWNER]: 'eg', [STANDARD]: 'eg', [OWNER_NAMESPACE]: 'shop' }],
  ['Pod', 'owner', { [OWNER]: 'eg', [OWNER_NAMESPACE]: 'shop' }],
  ['Service', 'standard', { [STANDARD]: 'eg' }],
  ['Pod', 'conflict', { [OWNER]: 'other', [STANDARD]: 'eg', [OWNER_NAMESPACE]: 'shop' }],
  ['Pod', 'other', { [OWNER]: 'other', [OWNER_NAMESPACE]: 'shop' }],
  ['Pod', 'none', { app: 'eg' }],
];

/** Creates a namespace with objects of two Gateways and one object of none. */
async function createObjects(): Promise<string> {
  const namespace = await createNamespace();
  for (const [kind, name, labels] of OBJECTS) await create(objectOf(kind, { namespace, name, labels }));
  return namespace;
}

describeCluster('list', () => {
  test('shows each object with either label once, by Gateway', async () => {
    const namespace = await createObjects();
    const { exitCode, stdout, stderr } = await runCommand(['list', '-n', namespace]);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').map((line) => line.replace(/\d+s$/, 'AGE').split(/ {2,}/))).toEqual([
      ['GATEWAY', 'NAMESPACE', 'KIND', 'NAME', 'STANDARD', 'OWNER', 'AGE'],
      ['shop/eg', namespace, 'ServiceAccount', 'both', 'eg', 'eg', 'AGE'],
      ['shop/eg', namespace, 'Pod', 'owner', '-', 'eg', 'AGE'],
      ['shop/other', namespace, 'Pod', 'conflict', 'eg', 'other (conflict)', 'AGE'],
      ['shop/other', namespace, 'Pod', 'other', '-', 'other', 'AGE'],
      [`${namespace}/eg`, namespace, 'Service', 'standard', 'eg', '-', 'AGE'],
      [''],
    ]);
  });

  test('shows the objects that either label assigns to a Gateway', async () => {
    const namespace = await createObjects();
    const names = async (gateway: string) => {
      const { stdout } = await runCommand(['list', gateway, '-n', namespace, '-o', 'name']);
      return stdout.split('\n').slice(0, -1);
    };
    expect(await names('eg')).toEqual(['serviceaccount/both', 'pod/owner', 'pod/conflict', 'service/standard']);
    expect(await names('other')).toEqual(['pod/conflict', 'pod/other']);
    expect(await names('shop/eg')).toEqual(['serviceaccount/both', 'pod/owner']);
    expect(await names(`${namespace}/eg`)).toEqual(['pod/conflict', 'service/standard']);
    expect(await names('none')).toEqual([]);
  });

  test('prints names that kubectl accepts', async () => {
    const namespace = await createObjects();
    const line = `"$@" list eg -n ${namespace} -o name | xargs kubectl -n ${namespace} describe`;
    const { assets, kubeconfig } = cluster();
    const PATH = [assets, process.env['PATH']].join(delimiter);
    const kubectlEnvironment = { KUBECONFIG: kubeconfig, KUBECACHEDIR: `${kubeconfig}.cache`, KUBERC: 'off' };
    const env = { ...kubectlEnvironment, PATH };
    const { stdout } = await promisify(execFile)('sh', ['-c', line, 'sh', ...program([]).flat()], { env });
    expect([...stdout.matchAll(/^Name: +(\S+)$/gm)].map(([, name]) => name)).toEqual([
      'both',
      'owner',
      'conflict',
      'standard',
    ]);
  });

  test('lists only namespaces that match a selector', async () => {
    const [namespace] = await Promise.all([createObjects(), createObjects()]);
    const team = `team-${randomUUID().slice(0, 8)}`;
    await kubectl(['label', 'namespace', namespace, `team=${team}`]);
    const { stdout } = await runCommand(['list', '-A', '--namespace-selector', `team in (${team})`, '-o', 'json']);
    const { gateways } = JSON.parse(stdout) as { gateways: { objects: { namespace: string; name: string }[] }[] };
    const objects = gateways.flatMap((gateway) => gateway.objects);
    expect(objects.map((object) => `${object.namespace}/${object.name}`)).toHaveLength(5);
    expect(new Set(objects.map((object) => object.namespace))).toEqual(new Set([namespace]));
    const { exitCode, stderr } = await runCommand(['list', '-A', '--namespace-selector', 'a==b==c']);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^error: The API server refused GET .*: found '=='/)]);
  });

  test('reports missing permissions', async () => {
    const namespace = await createObjects();
    const kubeconfig = await kubeconfigOf(`jane-${randomUUID().slice(0, 8)}`);
    const { exitCode, stdout, stderr } = await runCommand(['list', '-n', namespace], kubeconfig);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^error: User "[^"]+" is not allowed to list serviceaccounts, pods, and services in the namespace .*\n {2}kubectl/,
    );
  });
});
