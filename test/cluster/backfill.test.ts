import { expect, test } from 'vitest';
import { callApi } from './api.ts';
import { describeCluster } from './cluster-test.ts';
import { runCommand, WRITING } from './command.ts';
import { kubectl } from './kubectl.ts';
import { pathOf, printedNames } from './many-objects.ts';
import {
  create,
  createNamespace,
  KINDS,
  type KubernetesObject,
  type Labels,
  OPT_OUT,
  OWNER,
  objectOf,
  STANDARD,
  stored,
} from './objects.ts';
import { failOpensDuring, register } from './registration.ts';
import { Webhook } from './webhook.ts';

const BOTH = { [OWNER]: 'eg', [STANDARD]: 'eg' };
const MANAGED = { 'app.kubernetes.io/managed-by': 'envoy-gateway' };

interface Case extends Partial<KubernetesObject['metadata']> {
  /** The reason that audit reports; undefined if audit does not list the object. */
  readonly reason?: string;
  /** The labels after backfill; by default the same as before. */
  readonly after?: Labels;
}

const CASES: readonly (readonly [name: string, given: Case])[] = [
  ['without-standard', { labels: { [OWNER]: 'eg', a: 'b' }, reason: 'added-standard', after: { ...BOTH, a: 'b' } }],
  ['without-owner', { labels: { [STANDARD]: 'eg' }, reason: 'added-owner', after: BOTH }],
  ['has-both', { labels: BOTH }],
  ['has-neither', { labels: { a: 'b' } }],
  ['contradicts-itself', { labels: { [OWNER]: 'eg', [STANDARD]: 'other' }, reason: 'conflict' }],
  ['names-no-gateway', { labels: { [OWNER]: '' }, reason: 'invalid-value' }],
  ['is-opted-out', { labels: { [OWNER]: 'eg', [OPT_OUT]: 'true' } }],
  ['is-a-mirror', { labels: { [OWNER]: 'eg' }, annotations: { 'kubernetes.io/config.mirror': 'x' } }],
  ['is-being-deleted', { labels: { [OWNER]: 'eg' }, finalizers: ['example.com/wait'] }],
];

describeCluster('backfill', () => {
  test('labels what audit announces, and nothing else', async () => {
    const namespace = await createNamespace();
    for (const [name, { reason: _reason, after: _after, ...metadata }] of CASES) {
      const pod = objectOf('Pod', { namespace, name, ...metadata });
      // A mirror Pod must name its node.
      await create({ ...pod, spec: { ...(pod['spec'] as object), nodeName: 'node' } });
    }
    const deleted = pathOf(objectOf('Pod', { namespace, name: 'is-being-deleted' }));
    expect((await callApi('DELETE', deleted)).body).toMatchObject({ metadata: { finalizers: ['example.com/wait'] } });

    const audited = await runCommand(['audit', '-n', namespace, '-o', 'json', '--check']);
    expect([audited.exitCode, audited.stderr]).toEqual([1, '']);
    const { findings } = JSON.parse(audited.stdout) as {
      readonly findings: readonly { name: string; reason: string }[];
    };
    const reasons = CASES.flatMap(([name, { reason }]) => (reason ? [[name, reason]] : []));
    expect(findings.map(({ name, reason }) => [name, reason]).sort()).toEqual(reasons.sort());

    const filled = await runCommand(['backfill', '-n', namespace, '-o', 'name']);
    expect({ ...filled, stdout: printedNames(filled.stdout) }).toEqual({
      exitCode: 0,
      stdout: ['pod/without-owner', 'pod/without-standard'],
      stderr: WRITING,
    });
    for (const [name, { labels, after = labels }] of CASES) {
      const { metadata } = await stored('Pod', namespace, name);
      expect([name, metadata.labels]).toEqual([name, after]);
    }
  });

  test.for([
    { to: 'added to any object', reverse: 'both', labels: {}, isAdded: true },
    { to: 'not added to other objects', reverse: 'managed', labels: {}, isAdded: false },
    { to: 'added to managed objects', reverse: 'managed', labels: MANAGED, isAdded: true },
    { to: 'not even added to managed objects', reverse: 'off', labels: MANAGED, isAdded: false },
  ])("with --reverse $reverse, Envoy Gateway's label is $to", async ({ reverse, labels, isAdded }) => {
    const namespace = await createNamespace();
    await create(objectOf('Service', { namespace, labels: { [STANDARD]: 'eg', ...labels } }));
    const { exitCode, stdout } = await runCommand(['backfill', '-n', namespace, '-o', 'name', '--reverse', reverse]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: isAdded ? 'service/eg\n' : '' });
    const after = isAdded ? { [OWNER]: 'eg' } : {};
    expect((await stored('Service', namespace)).metadata.labels).toEqual({ [STANDARD]: 'eg', ...labels, ...after });
  });

  test('writes only to the namespaces that are named or selected', async () => {
    const [first, second, third] = await Promise.all([createNamespace(), createNamespace(), createNamespace()]);
    for (const namespace of [first, second, third]) {
      await create(objectOf('ServiceAccount', { namespace, labels: { [OWNER]: 'eg' } }));
    }
    const labelled = async () => {
      const objects = await Promise.all([first, second, third].map((name) => stored('ServiceAccount', name)));
      return objects.map(({ metadata }) => metadata.labels?.[STANDARD] !== undefined);
    };
    await kubectl(['label', 'namespace', second, 'team=a']);
    const selector = `team=a,kubernetes.io/metadata.name in (${first}, ${second})`;
    await runCommand(['backfill', '-A', '--namespace-selector', selector]);
    expect(await labelled()).toEqual([false, true, false]);
    await runCommand(['backfill', '-n', first, '-n', second]);
    expect(await labelled()).toEqual([true, true, false]);
  });

  test('labels objects that were created while the webhook was down', async () => {
    await using webhook = await Webhook.start();
    await using registration = await register(await webhook.clientConfig());
    const namespace = await createNamespace(registration);
    await webhook.stop();
    const failOpens = await failOpensDuring(async () => {
      for (const kind of KINDS) await create(objectOf(kind, { namespace, labels: { [OWNER]: 'eg' } }));
    });
    expect(failOpens).toEqual({ [registration.addStandard]: 3 });
    for (const kind of KINDS) expect((await stored(kind, namespace)).metadata.labels).toEqual({ [OWNER]: 'eg' });

    const { exitCode, stdout } = await runCommand(['backfill', '-n', namespace, '-o', 'name']);
    expect({ exitCode, stdout: printedNames(stdout) }).toEqual({
      exitCode: 0,
      stdout: ['pod/eg', 'service/eg', 'serviceaccount/eg'],
    });
    for (const kind of KINDS) expect((await stored(kind, namespace)).metadata.labels).toEqual(BOTH);
  });
});
