import { expect } from 'vitest';
import { describeCluster, test } from './cluster-test.ts';
import { tryKubectl } from './kubectl.ts';
import { create, KINDS, type Labels, OWNER, objectOf, STANDARD } from './objects.ts';

const G63 = 'g'.repeat(63);

interface Case {
  readonly labels: string;
  readonly outcome: string;
  readonly given?: Labels;
  readonly stored?: Labels;
  /** The reason for the webhook's answer; undefined if the API server must not call it. */
  readonly reason?: string;
}

const CASES: readonly Case[] = [
  {
    labels: 'only the owner label',
    outcome: 'gets the standard one',
    given: { [OWNER]: 'eg', team: 'payments' },
    stored: { [OWNER]: 'eg', [STANDARD]: 'eg', team: 'payments' },
    reason: 'added-standard',
  },
  {
    labels: 'only the standard label',
    outcome: 'gets the owner one',
    given: { [STANDARD]: 'eg', team: 'payments' },
    stored: { [OWNER]: 'eg', [STANDARD]: 'eg', team: 'payments' },
    reason: 'added-owner',
  },
  {
    labels: 'an owner label of 63 characters',
    outcome: 'gets all 63 in the standard one',
    given: { [OWNER]: G63 },
    stored: { [OWNER]: G63, [STANDARD]: G63 },
    reason: 'added-standard',
  },
  {
    labels: 'a standard label of 63 characters',
    outcome: 'gets all 63 in the owner one',
    given: { [STANDARD]: G63 },
    stored: { [OWNER]: G63, [STANDARD]: G63 },
    reason: 'added-owner',
  },
  {
    labels: 'an empty owner label',
    outcome: 'stays as it is',
    given: { [OWNER]: '' },
    stored: { [OWNER]: '' },
    reason: 'invalid-value',
  },
  {
    labels: 'an empty standard label',
    outcome: 'stays as it is',
    given: { [STANDARD]: '' },
    stored: { [STANDARD]: '' },
    reason: 'invalid-value',
  },
  {
    labels: 'both labels',
    outcome: 'stays as it is',
    given: { [OWNER]: 'eg', [STANDARD]: 'eg' },
    stored: { [OWNER]: 'eg', [STANDARD]: 'eg' },
  },
  {
    labels: 'labels that disagree',
    outcome: 'stays as it is',
    given: { [OWNER]: 'eg', [STANDARD]: 'other' },
    stored: { [OWNER]: 'eg', [STANDARD]: 'other' },
  },
  {
    labels: 'neither label',
    outcome: 'stays as it is',
    given: { team: 'payments' },
    stored: { team: 'payments' },
  },
  { labels: 'no labels at all', outcome: 'stays as it is' },
];

/** "bytes" since about Kubernetes 1.35, "characters" before. */
const TOO_LONG = /no more than 63 (bytes|characters)/;

const INVALID = [
  { labels: 'an owner label of 64 characters', given: { [OWNER]: 'g'.repeat(64) }, message: TOO_LONG },
  {
    labels: 'a standard label of 64 characters',
    given: { [STANDARD]: 'g'.repeat(64) },
    message: TOO_LONG,
  },
  { labels: 'an owner label with a space', given: { [OWNER]: 'my gateway' }, message: /a valid label must/ },
  { labels: 'a standard label with a space', given: { [STANDARD]: 'my gateway' }, message: /a valid label must/ },
];

describeCluster('an object that is created', () => {
  test.for(ofEveryKind(CASES))(
    'a $kind with $labels $outcome',
    async ({ kind, given, stored, reason }, { namespace, webhook }) => {
      const object = objectOf(kind, { namespace, ...(given && { labels: given }) });
      const decisions = await webhook.decisionsDuring(async () => {
        expect((await create(object)).metadata.labels).toEqual(stored);
      });

      expect(decisions).toEqual(reason ? { [`CREATE ${kind} ${reason}`]: 1 } : {});
    },
  );

  test.for(ofEveryKind(INVALID))(
    'a $kind with $labels is refused by the API server, not by the webhook',
    async ({ kind, given, message }, { namespace, webhook }) => {
      const decisions = await webhook.decisionsDuring(async () => {
        const { exitCode, stderr } = await tryKubectl(
          ['create', '-f', '-'],
          objectOf(kind, { namespace, labels: given }),
        );
        expect(exitCode).toBe(1);
        expect(stderr).toContain(`The ${kind} "eg" is invalid: metadata.labels: Invalid value:`);
        expect(stderr).toMatch(message);
      });

      expect(decisions).toEqual({ [`CREATE ${kind} invalid-value`]: 1 });
    },
  );
});

function ofEveryKind<T extends object>(cases: readonly T[]) {
  return KINDS.flatMap((kind) => cases.map((one) => ({ kind, ...one })));
}
