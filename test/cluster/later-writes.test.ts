import { expect } from 'vitest';
import { describeCluster, test } from './cluster-test.ts';
import { kubectl } from './kubectl.ts';
import { KINDS, OWNER, objectOf, STANDARD, stored } from './objects.ts';

const SERVER_SIDE = ['apply', '--server-side', '--field-manager=envoy-gateway'];
const BOTH = { [OWNER]: 'eg', [STANDARD]: 'eg' };

interface Rewrite {
  readonly kind: (typeof KINDS)[number];
  readonly creation: readonly string[];
  readonly rewrite: readonly string[];
}

const KEEPING = [
  { how: 'server-side apply again', creation: SERVER_SIDE, rewrite: SERVER_SIDE },
  { how: 'forced server-side apply', creation: SERVER_SIDE, rewrite: [...SERVER_SIDE, '--force-conflicts'] },
  {
    how: "another's server-side apply",
    creation: SERVER_SIDE,
    rewrite: ['apply', '--server-side', '--field-manager=another', '--force-conflicts'],
  },
  { how: 'client-side apply again', creation: ['apply'], rewrite: ['apply'] },
];

describeCluster('a label that was added', () => {
  test.for(KINDS.flatMap((kind) => KEEPING.map((way) => ({ kind, ...way }))))(
    'to a $kind survives $how',
    async (options, { namespace }) => {
      expect(await labelsAfterRewrite(options, namespace)).toEqual({ ...BOTH, changed: 'true' });
    },
  );

  test.for(KINDS)('to a %s is lost by kubectl replace', async (kind, { namespace, webhook }) => {
    const decisions = await webhook.decisionsDuring(async () => {
      const labels = await labelsAfterRewrite({ kind, creation: SERVER_SIDE, rewrite: ['replace'] }, namespace);
      expect(labels).toEqual({ [OWNER]: 'eg', changed: 'true' });
    });

    // One decision, for the creation: the webhook is not called for an update.
    expect(decisions).toEqual({ [`CREATE ${kind} added-standard`]: 1 });
  });

  test('is added again if an object is deleted and recreated', async ({ namespace }) => {
    const object = objectOf('ServiceAccount', { namespace, labels: { [OWNER]: 'eg' } });
    await kubectl(['create', '-f', '-'], object);
    await kubectl(['replace', '--force', '-f', '-'], object);

    expect((await stored('ServiceAccount', namespace)).metadata.labels).toEqual(BOTH);
  });

  test('belongs to no field manager', async ({ namespace }) => {
    await kubectl([...SERVER_SIDE, '-f', '-'], objectOf('Service', { namespace, labels: { [OWNER]: 'eg' } }));

    const { labels, managedFields } = (await stored('Service', namespace)).metadata;
    expect(labels).toEqual(BOTH);
    expect(managedFields).toMatchObject([
      {
        manager: 'envoy-gateway',
        operation: 'Apply',
        fieldsV1: { 'f:metadata': { 'f:labels': { [`f:${OWNER}`]: {} } } },
      },
    ]);
    expect(JSON.stringify(managedFields)).not.toContain(STANDARD);
  });

  test('can be applied with another value, without a conflict', async ({ namespace }) => {
    await kubectl([...SERVER_SIDE, '-f', '-'], objectOf('Service', { namespace, labels: { [OWNER]: 'eg' } }));
    const labels = { [OWNER]: 'eg', [STANDARD]: 'other' };
    await kubectl([...SERVER_SIDE, '-f', '-'], objectOf('Service', { namespace, labels }));

    expect((await stored('Service', namespace)).metadata.labels).toEqual(labels);
  });
});

/** Creates an object with only the owner label, writes it again with one more label, and returns its stored labels. */
async function labelsAfterRewrite({ kind, creation, rewrite }: Rewrite, namespace: string) {
  await kubectl([...creation, '-f', '-'], objectOf(kind, { namespace, labels: { [OWNER]: 'eg' } }));
  expect((await stored(kind, namespace)).metadata.labels).toEqual(BOTH);

  await kubectl([...rewrite, '-f', '-'], objectOf(kind, { namespace, labels: { [OWNER]: 'eg', changed: 'true' } }));
  return (await stored(kind, namespace)).metadata.labels;
}
