import { execFile } from 'node:child_process';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test as vitest } from 'vitest';
import { type MeasuredRun, measuredRun } from '../support/measured-run.ts';
import { patchesOf } from './audit.ts';
import { clientOf } from './client.ts';
import { describeCluster } from './cluster-test.ts';
import { startControlPlane } from './control-plane.ts';
import { cluster } from './kubectl.ts';
import { createAll, manyObjects, readAll } from './many-objects.ts';
import { type KubernetesObject, OWNER, STANDARD } from './objects.ts';

const COUNT = 10_000;
const NAMESPACES = ['many-a', 'many-b', 'many-c'];

/** Limits that no machine reaches: these tests do not measure speed. */
const AT_ONCE = ['--qps', '10000', '--concurrency', '16'];

const MOST_RSS_MIB = 160;

/** A separate control plane: `-A` covers only this file's namespaces, and 10,000 objects do not slow down other tests. */
const test = vitest
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture depends on.
  .extend('many', { scope: 'file' }, async ({}, { onCleanup }) => {
    await promisify(execFile)(process.execPath, ['build.ts']);
    const stack = new AsyncDisposableStack();
    onCleanup(() => stack.disposeAsync());
    const directory = stack.use(await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-many-')));
    const { cluster: own } = stack.use(await startControlPlane(cluster().assets, directory.path));
    const client = clientOf(own.kubeconfig);
    for (const name of NAMESPACES) {
      await client.create({ path: '/api/v1/namespaces' }, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
    await createAll(client, manyObjects(COUNT, NAMESPACES));
    const run = (...args: readonly string[]) => measuredRun(args, { KUBECONFIG: own.kubeconfig });
    return { run, read: () => readAll(client, NAMESPACES), auditLog: own.auditLog };
  });

/** The label that is missing from an object. */
function added({ metadata: { labels = {} } }: KubernetesObject): Record<string, string> {
  return labels[OWNER] === undefined ? { [OWNER]: labels[STANDARD] ?? '' } : { [STANDARD]: labels[OWNER] };
}

/** The expected report of audit or backfill: a line for each object. */
function lines(add: (object: KubernetesObject) => string): string[] {
  return manyObjects(COUNT, NAMESPACES)
    .map((object) => `${object.kind} ${object.metadata.namespace}/${object.metadata.name} ${add(object)}`)
    .sort();
}

interface Reported {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly reason: string;
  readonly outcome?: string;
}

function reported(objects: readonly Reported[]): string[] {
  return objects
    .map(({ kind, namespace, name, reason, outcome = '' }) => `${kind} ${namespace}/${name} ${reason}${outcome}`)
    .sort();
}

function reasonOf(object: KubernetesObject): string {
  return OWNER in added(object) ? 'added-owner' : 'added-standard';
}

/** An object without its labels and without the fields that every write changes. */
function restOf({ metadata, ...object }: KubernetesObject): object {
  const { labels: _labels, resourceVersion: _version, managedFields: _managers, ...rest } = metadata;
  return { ...object, metadata: rest };
}

function ok({ exitCode, stderr, stdout, peakRssMib }: MeasuredRun) {
  // The rule is the default, because no release is installed. The last audit finds nothing.
  expect(stderr).toMatch(/^using rule\.reverse=both .*\n(writing to .*\n)?(0 findings\n.*\n|added 0 labels.*\n)?$/);
  expect(exitCode).toBe(0);
  // Other systems do not report the peak.
  if (process.platform === 'linux') expect(peakRssMib).toBeLessThan(MOST_RSS_MIB);
  return JSON.parse(stdout);
}

// The first test waits until all objects are created.
describeCluster(`with ${COUNT} objects in several namespaces`, { timeout: 180_000 }, () => {
  test('audit finds each object and its reason', async ({ many }) => {
    const { findings, ...summary } = ok(await many.run('audit', '-A', '-o', 'json'));
    expect(reported(findings)).toEqual(lines(reasonOf));
    expect(summary).toMatchObject({ reasons: { 'added-standard': COUNT * 0.9, 'added-owner': COUNT * 0.1 } });
  });

  test('backfill --dry-run reports what it would do, and changes nothing', async ({ many }) => {
    const before = await many.read();
    const { changes, ...summary } = ok(await many.run('backfill', '-A', '--dry-run', '-o', 'json', ...AT_ONCE));
    expect(reported(changes)).toEqual(lines((object) => `${reasonOf(object)}added`));
    expect(summary).toMatchObject({ dryRun: true, counts: { added: COUNT, settled: 0, skipped: 0, failed: 0 } });
    expect(await many.read()).toEqual(before);
  });

  test('backfill labels each object once and changes nothing else; audit finds nothing afterwards', async ({
    many,
  }) => {
    const before = await many.read();
    const { changes } = ok(await many.run('backfill', '-A', '-o', 'json', ...AT_ONCE));
    expect(reported(changes)).toEqual(lines((object) => `${reasonOf(object)}added`));

    const after = await many.read();
    expect(after.size).toBe(COUNT);
    for (const [name, object] of after) {
      const old = before.get(name) ?? expect.fail(`${name} did not exist before`);
      expect(object.metadata.labels).toEqual({ ...old.metadata.labels, ...added(old) });
      expect(restOf(object)).toEqual(restOf(old));
    }
    const patches = await patchesOf(NAMESPACES, COUNT, many.auditLog);
    expect([patches.size, new Set(patches.values())]).toEqual([COUNT, new Set([1])]);

    const { findings, reasons } = ok(await many.run('audit', '-A', '--check', '-o', 'json'));
    expect({ findings, reasons }).toEqual({ findings: [], reasons: { complete: COUNT } });
  });
});
