import { expect, test } from 'vitest';
import { patchesOf } from './audit.ts';
import { clientOf } from './client.ts';
import { describeCluster } from './cluster-test.ts';
import { runCommand, WRITING } from './command.ts';
import { createAll, labelledNames, manyObjects, namesOf, printedNames, readAll } from './many-objects.ts';
import { createNamespace, OWNER, STANDARD } from './objects.ts';
import { RunningCommand } from './running-command.ts';

const COUNT = 600;

/** After this many objects, the process is in the middle of its work. */
const SOME = 100;

/** An object in the JSON output. */
interface Change {
  readonly kind: string;
  readonly name: string;
}

describeCluster('backfill', () => {
  test('labels every object exactly once, even if it is interrupted, killed and run again', async () => {
    const client = clientOf();
    const namespace = await createNamespace();
    await createAll(client, manyObjects(COUNT, [namespace]));
    const backfill = ['backfill', '-n', namespace, '-o', 'name'];

    const interrupted = new RunningCommand(['backfill', '-n', namespace, '-o', 'json', '--qps', '200']);
    await interrupted.printed(SOME);
    interrupted.kill('SIGINT');
    const { exitCode, stdout, stderr } = await interrupted.ended;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(/^writing to .*\ninterrupted: run the same command again to resume\n$/),
    });
    // Writes in flight were completed and reported.
    const { changes, counts } = JSON.parse(stdout);
    const done = namesOf(changes.map(({ kind, name }: Change) => ({ apiVersion: 'v1', kind, metadata: { name } })));
    expect(counts).toEqual({ added: done.length, settled: 0, skipped: 0, failed: 0 });
    expect(await labelledNames(client, namespace)).toEqual(done);
    expect(done.length).toBeLessThan(COUNT);

    const killed = new RunningCommand([...backfill, '--qps', '200']);
    await killed.printed(SOME);
    killed.kill('SIGKILL');
    const doneByKilled = printedNames((await killed.ended).stdout);
    const doneByBoth = [...done, ...doneByKilled].sort();
    expect(doneByBoth.length).toBeLessThan(COUNT);
    expect(await labelledNames(client, namespace)).toEqual(expect.arrayContaining(doneByBoth));

    const last = await runCommand(backfill);
    expect({ ...last, stdout: '' }).toEqual({ exitCode: 0, stdout: '', stderr: WRITING });
    const doneByAll = [...doneByBoth, ...printedNames(last.stdout)];
    expect(new Set(doneByAll).size).toBe(doneByAll.length);

    const objects = await readAll(client, [namespace]);
    for (const given of manyObjects(COUNT, [namespace])) {
      const { kind, metadata } = given;
      const { labels } = objects.get(`${kind} ${namespace}/${metadata.name}`)?.metadata ?? {};
      const gateway = metadata.labels?.[OWNER] ?? metadata.labels?.[STANDARD];
      expect(labels).toEqual({ ...metadata.labels, [OWNER]: gateway, [STANDARD]: gateway });
    }
    const patches = await patchesOf([namespace], COUNT);
    expect([patches.size, new Set(patches.values())]).toEqual([COUNT, new Set([1])]);
  });
});
