import { expect, test } from 'vitest';
import type { ApiClient } from '../../src/kubernetes/api-client.ts';
import { callApi } from './api.ts';
import { patchesOf } from './audit.ts';
import { clientOf } from './client.ts';
import { describeCluster } from './cluster-test.ts';
import { runCommand, WRITING } from './command.ts';
import { createAll, manyObjects, pathOf, printedNames, readAll } from './many-objects.ts';
import { createNamespace, type KubernetesObject, type Labels, OPT_OUT, OWNER, objectOf, STANDARD } from './objects.ts';
import { RunningCommand } from './running-command.ts';

const COUNT = 90;

/** Slow enough that most objects are rewritten after they are listed and before they are patched. */
const SLOWLY = ['--qps', '30', '--concurrency', '4'];

/** Writes an object as a controller would: with a label for this round, and without the label for the round before. */
type Rewrite = (client: ApiClient, object: KubernetesObject, round: number) => Promise<void>;

const REWRITES: readonly { readonly how: string; readonly rewrite: Rewrite }[] = [
  { how: 'replaces the objects that it has read', rewrite: replace },
  {
    how: 'force-applies objects like Envoy Gateway',
    rewrite: async (client, { metadata, ...object }, round) => {
      const labels = { ...metadata.labels, [`round-${round}`]: '' };
      const applied = { ...object, metadata: { ...metadata, labels } };
      await client.apply({ path: pathOf(applied) }, 'envoy-gateway', applied);
    },
  },
];

async function replace(client: ApiClient, object: KubernetesObject, round: number): Promise<void> {
  const path = pathOf(object);
  const current = (await client.get<KubernetesObject>({ path })) ?? object;
  const { [`round-${round - 1}`]: _, ...labels } = current.metadata.labels ?? {};
  const metadata = { ...current.metadata, labels: { ...labels, [`round-${round}`]: '' } };
  const { status, body } = await callApi('PUT', path, { ...current, metadata });
  // Another write came first: read the object again and retry.
  if (status === 409) return replace(client, object, round);
  if (status !== 200) throw new Error(`Cannot replace ${path}: ${JSON.stringify(body)}`);
}

/** Rewrites objects, one after the other, until it is stopped. Returns the last round of each. */
async function rewriteAll(
  objects: readonly KubernetesObject[],
  rewrite: (object: KubernetesObject, round: number) => Promise<void>,
  stopped: AbortSignal,
): Promise<Map<KubernetesObject, number>> {
  const rounds = new Map<KubernetesObject, number>();
  for (let round = 1; !stopped.aborted; round += 1) {
    for (const object of objects) {
      await rewrite(object, round);
      rounds.set(object, round);
    }
  }
  return rounds;
}

describeCluster('backfill while a controller writes', () => {
  test.for(REWRITES)(
    'adds every label, and restores none that was removed, if the controller $how',
    async ({ rewrite }) => {
      const client = clientOf();
      const namespace = await createNamespace();
      const objects = manyObjects(COUNT, [namespace]);
      await createAll(client, objects);

      const stopping = new AbortController();
      const controller = rewriteAll(objects, (object, round) => rewrite(client, object, round), stopping.signal);
      const { exitCode, stderr } = await runCommand(['backfill', '-n', namespace, '-o', 'name', ...SLOWLY]);
      stopping.abort();
      const rounds = await controller;

      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: WRITING });
      const after = await readAll(client, [namespace]);
      for (const object of objects) {
        const { labels = {}, name } = object.metadata;
        const gateway = labels[OWNER] ?? labels[STANDARD];
        expect(after.get(`${object.kind} ${namespace}/${name}`)?.metadata.labels).toEqual({
          ...labels,
          ...{ [OWNER]: gateway, [STANDARD]: gateway, [`round-${rounds.get(object)}`]: '' },
        });
      }
      const patches = await patchesOf([namespace], COUNT + 1);
      expect([...patches].filter(([patch, count]) => patch.endsWith(' 200') && count === 1)).toHaveLength(COUNT);
      expect([...patches].filter(([patch]) => patch.endsWith(' 409'))).not.toEqual([]);
    },
  );

  test('does not recreate a deleted object, and decides again if a new object has its name', async () => {
    const client = clientOf();
    const namespace = await createNamespace();
    const account = (name: string, labels?: Labels) =>
      objectOf('ServiceAccount', { namespace, name, ...(labels && { labels }) });
    const names = Array.from({ length: 20 }, (_, index) => `account-${index + 10}`);
    await createAll(
      client,
      names.map((name) => account(name, { [OWNER]: 'before' })),
    );

    // The last names in the list: backfill has not reached them when they are replaced.
    const another = new Map<string, Labels | undefined>([
      ['account-25', { [OWNER]: 'after' }],
      ['account-26', { [OWNER]: 'after', [STANDARD]: 'something-else' }],
      ['account-27', { [OWNER]: 'after', [OPT_OUT]: '' }],
      ['account-28', undefined],
    ]);
    const deleted = ['account-29'];
    const command = new RunningCommand(['backfill', '-n', namespace, '-o', 'name', '--qps', '5', '--concurrency', '1']);
    await command.printed(1);
    for (const name of [...another.keys(), ...deleted]) await callApi('DELETE', pathOf(account(name)));
    await createAll(
      client,
      [...another].map(([name, labels]) => account(name, labels)),
    );
    const { exitCode, stdout, stderr } = await command.ended;

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: WRITING });
    expect(printedNames(stdout)).toEqual(names.slice(0, 16).map((name) => `serviceaccount/${name}`));
    const after = [...(await readAll(client, [namespace])).values()];
    expect(after.map(({ metadata: { name, labels } }) => [name, labels])).toEqual([
      ...names.slice(0, 15).map((name) => [name, { [OWNER]: 'before', [STANDARD]: 'before' }]),
      ['account-25', { [OWNER]: 'after', [STANDARD]: 'after' }],
      ['account-26', { [OWNER]: 'after', [STANDARD]: 'something-else' }],
      ['account-27', { [OWNER]: 'after', [OPT_OUT]: '' }],
      ['account-28', undefined],
    ]);
  });
});
