import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { eventually } from '../cluster/eventually.ts';
import { cluster, kubectl } from '../cluster/kubectl.ts';
import {
  create,
  createNamespace,
  type Labels,
  OPT_OUT,
  OWNER,
  objectOf,
  STANDARD,
  stored,
} from '../cluster/objects.ts';
import { callsDuring } from '../cluster/registration.ts';
import { Webhook } from '../cluster/webhook.ts';
import { CHART, helm, Release, type ReleaseName, type Values } from './helm.ts';
import { describeInstalled, newRelease } from './installed.ts';

const MANAGED = { 'app.kubernetes.io/managed-by': 'envoy-gateway' };
const BOTH = { [OWNER]: 'eg', [STANDARD]: 'eg' };
const ADD_STANDARD = 'standard.label.gateway-name-webhook 200';
const ADD_OWNER = 'twin.owner.label.gateway-name-webhook 200';

// The webhook runs on this machine and is called by URL: no Pods run here.
describeInstalled("the chart's configuration", () => {
  test.for([
    { reverse: 'both', standard: BOTH, managed: BOTH, calls: { [ADD_STANDARD]: 1, [ADD_OWNER]: 2 } },
    { reverse: 'managed', standard: undefined, managed: BOTH, calls: { [ADD_STANDARD]: 1, [ADD_OWNER]: 1 } },
    { reverse: 'off', standard: undefined, managed: undefined, calls: { [ADD_STANDARD]: 1 } },
  ])('calls the webhook only for objects that it will change, with rule.reverse $reverse', async (expected) => {
    const { reverse, standard, managed, calls } = expected;
    await using webhook = await Webhook.start({ args: ['--reverse', reverse] });
    const release = await newRelease();
    const namespace = await createNamespace();
    await using _installed = await install(
      webhook,
      release,
      { rule: { reverse }, webhook: only(namespace) },
      namespace,
    );

    const results: (Labels | undefined)[] = [];
    const counted = await callsDuring(async () => {
      for (const labels of [
        { [OWNER]: 'eg' },
        { [STANDARD]: 'eg' },
        { [STANDARD]: 'eg', ...MANAGED },
        { [OWNER]: 'eg', [OPT_OUT]: '' },
        { [STANDARD]: 'eg', ...MANAGED, [OPT_OUT]: '' },
        BOTH,
        { app: 'eg' },
      ]) {
        const object = objectOf('ServiceAccount', { generateName: 'eg-', namespace, labels });
        results.push((await create(object)).metadata.labels);
      }
    });

    expect(results).toEqual([
      BOTH,
      standard ?? { [STANDARD]: 'eg' },
      { ...(managed ?? { [STANDARD]: 'eg' }), ...MANAGED },
      { [OWNER]: 'eg', [OPT_OUT]: '' },
      { [STANDARD]: 'eg', ...MANAGED, [OPT_OUT]: '' },
      BOTH,
      { app: 'eg' },
    ]);
    expect(counted).toEqual(calls);
  });

  test('with UPDATE calls it for an update only if the new object is missing a label', async () => {
    const namespace = await createNamespace();
    const object = (name: string, labels: Labels, more = {}) =>
      create(objectOf('ServiceAccount', { name, namespace, labels, ...more }));
    const label = (name: string, ...changes: readonly string[]) =>
      kubectl(['label', 'serviceaccount', name, '-n', namespace, '--overwrite', ...changes]);
    // Created before the webhook is installed.
    await object('completed', { [OWNER]: 'eg' });
    await object('opted-out', { [OWNER]: 'eg' });
    await object('stripped', { [STANDARD]: 'eg', ...MANAGED });
    await object('handed-over', { [STANDARD]: 'eg', ...MANAGED });
    await object('deleted', { [OWNER]: 'eg' }, { finalizers: ['example.com/held'] });
    await kubectl(['delete', 'serviceaccount', 'deleted', '-n', namespace, '--wait=false']);
    await object('healed', { [OWNER]: 'eg' });

    await using webhook = await Webhook.start({ args: ['--reverse', 'managed'] });
    const release = await newRelease();
    const values = {
      rule: { reverse: 'managed' },
      webhook: { operations: ['CREATE', 'UPDATE'], ...only(namespace) },
    };
    await using _installed = await install(webhook, release, values, namespace);

    // The old objects match a selector, but the new ones need no label.
    const none = await callsDuring(async () => {
      await label('completed', `${STANDARD}=eg`);
      await label('opted-out', `${OPT_OUT}=`);
      await label('stripped', `${STANDARD}-`);
      await label('handed-over', 'app.kubernetes.io/managed-by=another');
      await label('deleted', 'team=payments');
    });
    expect(none).toEqual({});

    const some = await callsDuring(async () => {
      await label('healed', 'team=payments');
      await label('completed', `${STANDARD}-`);
      await label('opted-out', `${OPT_OUT}-`);
    });
    expect(some).toEqual({ [ADD_STANDARD]: 3 });
    for (const name of ['healed', 'completed', 'opted-out']) {
      expect((await stored('ServiceAccount', namespace, name)).metadata.labels).toMatchObject(BOTH);
    }
    await kubectl([
      'patch',
      'sa',
      'deleted',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    ]);
  });
});

describeInstalled('the install notes', () => {
  test('contain commands that work', async () => {
    const release = await newRelease();
    await using webhook = await Webhook.start();
    await using _installed = await install(webhook, release, { heal: { schedule: '@hourly' } });
    const notes = await helm(['get', 'notes', release.name, '-n', release.namespace]);
    const [tryIt = '', healOnce = ''] = [...notes.matchAll(/^ {2}((?:echo|kubectl)(?:.*\|\n.*|.*))$/gm)].map(
      ([, command]) => command,
    );

    expect(JSON.parse(await shell(tryIt))).toEqual({ [OWNER]: 'try', [STANDARD]: 'try' });
    expect(await shell(healOnce)).toMatch(/^job.batch\/.*-heal-once created\n$/);
  });

  test.for([
    { reverse: 'both', rule: '' },
    { reverse: 'managed', rule: ' --reverse=managed' },
    { reverse: 'off', rule: ' --reverse=off' },
  ])("show audit and backfill with the webhook's rule, with rule.reverse $reverse", async (expected) => {
    const values = JSON.stringify({ rule: { reverse: expected.reverse } });
    const args = ['install', 'x', CHART, '--dry-run=client', '--namespace', 'default', '-f', '-'];
    const notes = await helm(args, values);
    expect(notes).toContain(`\n  gateway-name-webhook audit -A${expected.rule}\n`);
    expect(notes).toContain(`\n  gateway-name-webhook backfill -A${expected.rule} --dry-run\n`);
    expect(notes).toContain('\nheal is off. To add missing labels on a schedule');
  });
});

/** Entries have the same names in every release: without this, calls for a release that is being uninstalled would count. */
function only(namespace: string) {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
}

/** Installs the chart for a running webhook, and waits until the API server calls it for a namespace. */
async function install(
  webhook: Webhook,
  release: ReleaseName,
  values: Values,
  namespace = 'default',
): Promise<Release> {
  const { url } = await webhook.clientConfig();
  const caBundle = await readFile(join(webhook.certificates, 'ca.crt'), 'utf8');
  const installed = await Release.install(release, {
    ...values,
    webhook: { ...(values['webhook'] as object | undefined), clientConfig: { url } },
    certificates: { mode: 'provided', provided: { secretName: 'tls', caBundle } },
  });
  const probe = objectOf('ServiceAccount', { namespace, labels: { [OWNER]: 'probe' } });
  await eventually('the API server to call the webhook', async () => {
    const answer = await kubectl(['create', '--dry-run=server', '-o', 'json', '-f', '-'], probe);
    return JSON.parse(answer).metadata.labels[STANDARD] === 'probe' || undefined;
  });
  return installed;
}

/** Runs a command in a shell, as a user would, and returns its output. */
async function shell(command: string): Promise<string> {
  const { assets, kubeconfig } = cluster();
  const path = [assets, process.env['PATH']].join(delimiter);
  const env = { PATH: path, KUBECONFIG: kubeconfig, KUBECACHEDIR: `${kubeconfig}.cache`, KUBERC: 'off' };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env });
  return stdout;
}
