import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS } from '../../../src/admission/gateway.ts';
import { reviewLiveObject } from '../../../src/commands/why/live-review.ts';
import { verdictOf } from '../../../src/commands/why/verdict.ts';
import type { Installation } from '../../../src/installation/installation.ts';
import type { InstalledPolicy } from '../../../src/installation/policy.ts';
import { AT, type KnownFacts, liveFacts, POLICIES, setBy } from '../../support/live-facts.ts';
import { OWNER, STANDARD } from '../../support/objects.ts';

const { owner } = GATEWAY_LABELS;

/** The policies, each with this change. */
function changed(change: Partial<InstalledPolicy>): Pick<Installation, 'policies'> {
  return { policies: { value: POLICIES.map((policy) => ({ ...policy, ...change })) } };
}

function selecting(selector: Partial<InstalledPolicy['spec']['matchConstraints']>): Pick<Installation, 'policies'> {
  const value = POLICIES.map(({ spec, ...policy }) => ({
    ...policy,
    spec: { ...spec, matchConstraints: { ...spec.matchConstraints, ...selector } },
  }));
  return { policies: { value } };
}

describe('verdictOf() an object that is missing a label, without a webhook', () => {
  test.for<{
    facts?: KnownFacts;
    labels?: Readonly<Record<string, string>>;
    managedFields?: readonly ReturnType<typeof setBy>[];
    cause: string;
  }>([
    {
      facts: { policies: { problem: { message: 'forbidden' } } },
      cause: 'MutatingWebhookConfiguration a-name not found; cannot tell whether policies are installed: forbidden',
    },
    {
      facts: { policies: { value: POLICIES.slice(0, 1) } },
      labels: STANDARD('eg'),
      cause: 'no MutatingAdmissionPolicy adds this label',
    },
    { facts: changed({ binding: 'missing' }), cause: 'a-name-standard has no binding, so it does nothing' },
    {
      facts: changed({ binding: 'of-another-policy' }),
      labels: STANDARD('eg'),
      cause: 'a-name-owner has a binding that names another policy, so it does nothing',
    },
    {
      facts: changed({ binding: 'narrowed' }),
      cause: 'a-name-standard has a binding that narrows it, so it may leave objects out',
    },
    {
      facts: changed({ metadata: { name: 'a-name-standard', creationTimestamp: '2026-11-25T03:00:00Z' } }),
      cause: 'the object was created 3d3h before a-name-standard',
    },
    {
      facts: {
        ...selecting({ namespaceSelector: { matchLabels: { team: 'y' } } }),
        namespaceLabels: { problem: { message: 'forbidden' } },
      },
      cause: 'cannot tell whether a-name-standard matches the object: this depends on its namespaceSelector',
    },
    {
      managedFields: [setBy('kubectl-label', [owner], AT.later, {})],
      cause: `kubectl-label set ${owner} at ${AT.later}, after the object was created; labels are only added on creation`,
    },
    {
      cause:
        "a-name-standard matches the object: most likely it was not in effect yet, it failed (see the API server's metrics), or a label was removed later",
    },
  ])('returns: $cause', ({ facts = {}, labels = OWNER('eg'), managedFields = [], cause }) => {
    const without = { configuration: { value: undefined }, policies: { value: POLICIES }, ...facts };
    const review = reviewLiveObject(liveFacts(labels, without, { managedFields }), 'both');

    expect(verdictOf(review)).toBe(`${cause}; run \`backfill\` to add the label`);
  });

  test.for([
    {
      facts: selecting({ namespaceSelector: { matchLabels: { team: 'y' } } }),
      exclusion: 'its namespaceSelector excludes shop',
    },
    {
      facts: changed({ spec: { failurePolicy: 'Ignore', matchConstraints: {} } }),
      exclusion: 'its rules do not cover CREATE of pods',
    },
  ])('does not advise to label what may be excluded on purpose: $exclusion', ({ facts, exclusion }) => {
    const review = reviewLiveObject(liveFacts(OWNER('eg'), { configuration: { value: undefined }, ...facts }), 'both');

    expect(verdictOf(review)).toBe(
      `a-name-standard does not match the object: ${exclusion}; if it should have the label, change that, then run \`backfill\``,
    );
  });

  test('returns it for an object that has lost all labels', () => {
    const facts = liveFacts(OWNER('eg'), { configuration: { value: undefined }, policies: { value: POLICIES } });
    const review = reviewLiveObject(facts, 'both');
    const { labels: _, ...metadata } = facts.object.metadata;

    expect(verdictOf({ ...review, object: { ...facts.object, metadata } })).toContain('its objectSelector');
  });
});
