import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callApi } from '../cluster/api.ts';
import { KINDS, type KubernetesObject, OPT_OUT, OWNER, STANDARD } from '../cluster/objects.ts';
import { type AnyMap, type AnyObject, anyLabels, anyObject, MIRROR_POD } from './any-object.ts';
import { type Engines, namespaceWithoutEngine, setUpEngines } from './engines.ts';
import { describePolicies } from './installed.ts';
import { byRule, collectionOf, createByDryRun, manifestOf, type Outcome, relabelByDryRun } from './outcome.ts';

/** The number of writes in each namespace. */
const CREATES = 2000;
const UPDATES = 1000;
const BATCH = 50;

const MANAGED = { 'app.kubernetes.io/managed-by': 'envoy-gateway' };

/** Labels of objects that exist before the engines: every state that the selectors distinguish. */
const OLD_LABELS: readonly AnyMap[] = [
  { team: 'a' },
  { [OWNER]: 'eg' },
  { [STANDARD]: 'eg' },
  { [STANDARD]: 'eg', ...MANAGED },
  { [OWNER]: 'eg', [STANDARD]: 'eg' },
  { [OWNER]: 'eg', [STANDARD]: 'other' },
  { [OWNER]: 'eg', [OPT_OUT]: '' },
];

describePolicies('the rule in TypeScript, as a policy and as a webhook', () => {
  test('gives the same answer for every object, and causes no refusal', { timeout: 300_000 }, async () => {
    const none = await namespaceWithoutEngine();
    const engines = await setUpEngines({ operations: ['CREATE'] });

    const counts = await compareEngines(anyObject, CREATES, engines, none, createByDryRun);
    expect(counts.refused).toBeGreaterThan(CREATES / 20);
  });

  test('gives the same answer for every update, with the operation UPDATE', { timeout: 300_000 }, async () => {
    const none = await namespaceWithoutEngine();
    await createOldObjects(none);
    const engines = await setUpEngines({ operations: ['CREATE', 'UPDATE'], prepare: createOldObjects });

    const updates = fc.record({ old: fc.constantFrom(...OLD_OBJECTS), labels: anyLabels });
    const counts = await compareEngines(updates, UPDATES, engines, none, ({ old, labels }, namespace) =>
      relabelByDryRun(old.object, old.name, labels, namespace),
    );
    expect(counts.deleting).toBeGreaterThan(UPDATES / 50);
  });
});

/** Makes the same attempts in the namespaces of all engines and in one without, and expects the result of the rule. */
async function compareEngines<T>(
  arbitrary: fc.Arbitrary<T>,
  count: number,
  engines: readonly Engines[],
  none: string,
  attempt: (what: T, namespace: string) => Promise<Outcome>,
) {
  const counts = { accepted: 0, refused: 0, deleting: 0, labelled: 0 };
  const check = async (what: T) => {
    const plain = await attempt(what, none);
    counts[plain.refused === undefined ? 'accepted' : 'refused'] += 1;
    if (plain.deleting) counts.deleting += 1;
    for (const { reverse, policy, webhook } of engines) {
      const expected = byRule(plain, reverse);
      if (expected.labels !== plain.labels) counts.labelled += 1;
      const [byPolicy, byWebhook] = await Promise.all([attempt(what, policy), attempt(what, webhook)]);
      expect({ reverse, byPolicy, byWebhook }).toEqual({ reverse, byPolicy: expected, byWebhook: expected });
    }
  };
  const seed = Math.floor(Math.random() * 2 ** 31);
  await fc.assert(
    fc.asyncProperty(fc.array(arbitrary, { minLength: BATCH, maxLength: BATCH }), async (batch) => {
      await Promise.all(batch.map(check));
    }),
    { seed, numRuns: count / BATCH, endOnFailure: true },
  );
  console.log(`parity: seed ${seed}, ${JSON.stringify(counts)}`);
  // With fewer of these, the comparison above would prove little.
  expect(counts.accepted).toBeGreaterThan(count / 4);
  expect(counts.labelled).toBeGreaterThan(count / 6);
  return counts;
}

interface OldObject {
  readonly name: string;
  readonly object: AnyObject;
  readonly deleted: boolean;
}

const OLD_OBJECTS: readonly OldObject[] = KINDS.flatMap((kind) => {
  const old = (name: string, labels: AnyMap, more: { annotations?: AnyMap; deleted?: boolean } = {}): OldObject => {
    const { annotations, deleted = false } = more;
    return { name, object: { kind, unnamed: false, labels, annotations }, deleted };
  };
  return [
    ...OLD_LABELS.map((labels, index) => old(`old-${index}`, labels)),
    old('unlabelled', undefined),
    old('mirror', { [OWNER]: 'eg' }, { annotations: { [MIRROR_POD]: 'x' } }),
    old('deleted', { [OWNER]: 'eg' }, { deleted: true }),
  ];
});

/** Creates the objects to update. A finalizer keeps the deleted ones. */
async function createOldObjects(namespace: string): Promise<void> {
  await Promise.all(
    OLD_OBJECTS.map(async ({ name, object, deleted }) => {
      const manifest = manifestOf(object);
      const finalizers = deleted ? { finalizers: ['example.com/held'] } : {};
      const metadata: KubernetesObject['metadata'] = { ...manifest.metadata, ...finalizers, name };
      const created = await callApi('POST', collectionOf(object, namespace), { ...manifest, metadata });
      expect(created).toMatchObject({ status: 201 });
      if (deleted) await callApi('DELETE', `${collectionOf(object, namespace)}/${name}`);
    }),
  );
}
