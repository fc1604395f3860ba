import { expect } from 'vitest';
import { describeCluster, test as withWebhook } from './cluster-test.ts';
import { kubectl, tryKubectl } from './kubectl.ts';
import { create, OPT_OUT, OWNER, objectOf, STANDARD, stored } from './objects.ts';
import { register } from './registration.ts';

/** The configuration covers every object, and updates and deletions too, as if a user had edited it. */
const test = withWebhook.override('registration', async ({ webhook }, { onCleanup }) => {
  const registration = await register({ ...(await webhook.clientConfig()), wide: true });
  onCleanup(() => registration[Symbol.asyncDispose]());
  return registration;
});

const UNCHANGED = [
  { what: 'both labels', reason: 'complete', metadata: { labels: { [OWNER]: 'eg', [STANDARD]: 'eg' } } },
  { what: 'neither label', reason: 'no-gateway', metadata: { labels: { team: 'payments' } } },
  { what: 'no labels', reason: 'no-gateway', metadata: {} },
  { what: 'an empty label', reason: 'invalid-value', metadata: { labels: { [OWNER]: '' } } },
  { what: 'the opt-out label', reason: 'opted-out', metadata: { labels: { [OWNER]: 'eg', [OPT_OUT]: '' } } },
  {
    what: 'the annotation of a mirror Pod',
    reason: 'mirror-pod',
    metadata: { labels: { [OWNER]: 'eg' }, annotations: { 'kubernetes.io/config.mirror': 'x' } },
  },
];

describeCluster('a webhook that is called for everything', () => {
  test.for(UNCHANGED)(
    'does not change a ServiceAccount with $what: $reason',
    async ({ metadata, reason }, { namespace, webhook }) => {
      const decisions = await webhook.decisionsDuring(async () => {
        const created = await create(objectOf('ServiceAccount', { namespace, ...metadata }));
        expect(created.metadata).toMatchObject(metadata);
        expect(created.metadata.labels).toEqual(metadata.labels);
      });

      expect(decisions).toEqual({ [`CREATE ServiceAccount ${reason}`]: 1 });
    },
  );

  test('warns the user about labels that disagree, and does not change them', async ({ namespace, webhook }) => {
    const labels = { [OWNER]: 'eg', [STANDARD]: 'other' };
    const decisions = await webhook.decisionsDuring(async () => {
      const { exitCode, stderr } = await tryKubectl(['create', '-f', '-'], objectOf('Service', { namespace, labels }));
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: `Warning: ${STANDARD} and ${OWNER} disagree\n` });
    });

    expect(decisions).toEqual({ 'CREATE Service conflict': 1 });
    expect((await stored('Service', namespace)).metadata.labels).toEqual(labels);
  });

  test('adds a label when the other one is set on an existing object', async ({ namespace, webhook }) => {
    const decisions = await webhook.decisionsDuring(async () => {
      await create(objectOf('Pod', { namespace }));
      await kubectl(['label', 'pod', 'eg', '-n', namespace, `${OWNER}=eg`]);
    });

    expect(decisions).toEqual({ 'CREATE Pod no-gateway': 1, 'UPDATE Pod added-standard': 1 });
    expect((await stored('Pod', namespace)).metadata.labels).toEqual({ [OWNER]: 'eg', [STANDARD]: 'eg' });
  });

  test('allows the deletion of an object, and changes during the deletion', async ({ namespace, webhook }) => {
    const object = ['serviceaccount', 'eg', '-n', namespace];
    await create(
      objectOf('ServiceAccount', {
        namespace,
        finalizers: ['example.com/wait'],
        labels: { [OPT_OUT]: '', [OWNER]: 'eg' },
      }),
    );

    const decisions = await webhook.decisionsDuring(async () => {
      await kubectl(['delete', ...object, '--wait=false']);
      await kubectl(['label', ...object, `${OPT_OUT}-`]);
      expect((await stored('ServiceAccount', namespace)).metadata.labels).toEqual({ [OWNER]: 'eg' });
      await kubectl(['patch', ...object, '--type=json', '-p', '[{"op":"remove","path":"/metadata/finalizers"}]']);
    });

    expect(decisions).toEqual({ 'DELETE ServiceAccount no-gateway': 1, 'UPDATE ServiceAccount deleting': 2 });
    expect(await tryKubectl(['get', ...object])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('NotFound'),
    });
  });
});
