import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { describeCluster } from './cluster-test.ts';
import { kubeconfigOf, runCommand } from './command.ts';
import { eventually } from './eventually.ts';
import { kubectl } from './kubectl.ts';
import { create, createNamespace, NAMESPACE_LABEL, OWNER, objectOf, STANDARD } from './objects.ts';
import { type Registration, register } from './registration.ts';
import { Webhook } from './webhook.ts';

interface Review {
  readonly reason: string;
  readonly sendings: readonly { readonly entry: string; readonly createdWith: string; readonly sent: string }[];
  readonly counters: { readonly problem?: string };
  readonly verdict: string;
}

/** Creates a Pod with Envoy Gateway's label. */
function createPod(namespace: string, labels = { [OWNER]: 'eg' }) {
  return create(objectOf('Pod', { namespace, labels }));
}

async function why({ name }: Registration, namespace: string, kubeconfig?: string): Promise<Review> {
  const args = ['pod/eg', '-n', namespace, '--webhook-configuration', name, '-o', 'json'];
  const { exitCode, stdout, stderr } = await runCommand(['why', ...args], kubeconfig);
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describeCluster('why', () => {
  test('names what has set the labels of an object that was sent to the webhook', async () => {
    await using webhook = await Webhook.start();
    await using registration = await register(await webhook.clientConfig());
    const namespace = await createNamespace(registration);
    await createPod(namespace);
    const { reason, sendings, verdict } = await why(registration, namespace);
    expect([reason, verdict]).toEqual([
      'complete',
      `admission (webhook or policy) set ${STANDARD}, kubectl-create set ${OWNER}`,
    ]);
    expect(sendings.map(({ entry, createdWith, sent }) => [entry, createdWith, sent])).toEqual([
      [registration.addStandard, 'owner alone', 'yes'],
      [registration.addOwner, 'owner alone', 'no'],
      [registration.addStandard, 'standard alone', 'no'],
      [registration.addOwner, 'standard alone', 'yes'],
    ]);
  });

  test('reports that an object is older than the configuration, and what backfill has added', async () => {
    const namespace = await createNamespace();
    const { metadata } = await createPod(namespace);
    // Timestamps have a resolution of one second.
    const nextSecond = Date.parse(String(metadata['creationTimestamp'])) + 1000;
    await eventually('the next second', async () => Date.now() >= nextSecond || undefined);
    await using webhook = await Webhook.start();
    await using registration = await register(await webhook.clientConfig());
    await kubectl(['label', 'namespace', namespace, `${NAMESPACE_LABEL}=${registration.name}`]);

    const { reason, verdict } = await why(registration, namespace);
    expect(reason).toBe('added-standard');
    expect(verdict).toMatch(/^the object was created \d+s before \S+; run `backfill` to add the label$/);

    await runCommand(['backfill', '-n', namespace]);
    const after = await why(registration, namespace);
    expect(after.reason).toBe('complete');
    expect(after.verdict).toMatch(new RegExp(`^backfill or heal added ${STANDARD} at 2\\S+Z$`));
  });

  test('reports that a selector excludes an object', async () => {
    await using webhook = await Webhook.start();
    await using registration = await register(await webhook.clientConfig());
    const namespace = await createNamespace();
    await createPod(namespace);
    const { reason, verdict } = await why(registration, namespace);
    expect(reason).toBe('added-standard');
    expect(verdict).toBe(
      `${registration.addStandard} does not match the object: its namespaceSelector excludes ${namespace}; ` +
        'if it should have the label, change that, then run `backfill`',
    );
  });

  test('reports that the API server failed open, if the user may read its metrics', async () => {
    await using webhook = await Webhook.start();
    await using registration = await register(await webhook.clientConfig());
    const namespace = await createNamespace(registration);
    await webhook.stop();
    await createPod(namespace);
    const { verdict } = await why(registration, namespace);
    expect(verdict).toMatch(
      /^the API server failed open once since 2\S+Z for \S+, most likely also for this object; run `backfill` to add the label$/,
    );

    const user = `jane-${randomUUID().slice(0, 8)}`;
    const rights = ['--verb=get', '--resource=pods,namespaces,mutatingwebhookconfigurations'];
    await kubectl(['create', 'clusterrole', user, ...rights]);
    await kubectl(['create', 'clusterrolebinding', user, `--clusterrole=${user}`, `--user=${user}`]);
    const kubeconfig = await kubeconfigOf(user);
    const forbidden = await eventually('the permissions', async () => {
      const args = ['why', 'pod/eg', '-n', namespace, '--webhook-configuration', registration.name];
      const { exitCode, stdout } = await runCommand([...args, '-o', 'json'], kubeconfig);
      const found: Review | undefined = exitCode === 0 ? JSON.parse(stdout) : undefined;
      return found?.sendings.length ? found : undefined;
    });
    expect(forbidden.counters.problem).toMatch(/^You are not allowed to get \/metrics from the API server/);
    expect(forbidden.verdict).toMatch(
      /^\S+ matches the object: most likely the API server failed open, which its metrics would show/,
    );

    const [, command = ''] = forbidden.counters.problem?.split('\n  kubectl ') ?? [];
    const binding = command.replace('gateway-name-webhook-metrics', `${user}-metrics`).replace('=NAME', `=${user}`);
    await kubectl(binding.split(' '));
    await eventually('the permission', async () => {
      const found = await why(registration, namespace, kubeconfig);
      return found.verdict === verdict || undefined;
    });
  });

  test('reports that a label was set after the creation', async () => {
    await using webhook = await Webhook.start();
    await using registration = await register(await webhook.clientConfig());
    const namespace = await createNamespace(registration);
    const { metadata } = await create(objectOf('Pod', { namespace }));
    const nextSecond = Date.parse(String(metadata['creationTimestamp'])) + 1000;
    await eventually('the next second', async () => Date.now() >= nextSecond || undefined);
    await kubectl(['label', 'pod', 'eg', '-n', namespace, `${OWNER}=eg`]);
    const { verdict } = await why(registration, namespace);
    expect(verdict).toMatch(
      new RegExp(
        `^kubectl-label set ${OWNER} at 2\\S+Z, after the object was created; labels are only added on creation; `,
      ),
    );
  });
});
