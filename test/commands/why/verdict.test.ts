import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS, OPT_OUT_LABEL, OWNER_CLASS_LABEL, type Reverse } from '../../../src/admission/gateway.ts';
import { type LiveFacts, reviewLiveObject } from '../../../src/commands/why/live-review.ts';
import { verdictOf } from '../../../src/commands/why/verdict.ts';
import type { WebhookEntry } from '../../../src/installation/configuration.ts';
import { twiceConfiguration } from '../../support/chart-configuration.ts';
import { AT, configurationOf, counted, ENTRIES, type KnownFacts, liveFacts, setBy } from '../../support/live-facts.ts';
import { OWNER, STANDARD } from '../../support/objects.ts';

const { standard, owner } = GATEWAY_LABELS;
const BOTH = { ...OWNER('eg'), ...STANDARD('eg') };
const LABELS_ONLY = {};

function verdict(facts: LiveFacts, reverse: Reverse = 'both'): string {
  return verdictOf(reviewLiveObject(facts, reverse));
}

describe('verdictOf() an object that the rule does not change', () => {
  test.for<{ facts: LiveFacts; reverse?: Reverse; says: string }>([
    { facts: liveFacts({}), says: 'it has neither label, so it belongs to no Gateway' },
    {
      facts: liveFacts({ [OWNER_CLASS_LABEL]: 'a' }),
      says: 'it belongs to a merged fleet, not to a single Gateway',
    },
    { facts: liveFacts(OWNER('')), says: 'its only gateway label has an invalid value, which is not copied' },
    {
      facts: liveFacts(STANDARD('eg')),
      reverse: 'managed',
      says: 'it only has the standard label, and rule.reverse excludes it',
    },
    {
      facts: liveFacts(OWNER('eg'), {}, { annotations: { 'kubernetes.io/config.mirror': 'a' } }),
      says: 'it is a mirror Pod, which belongs to the kubelet',
    },
    {
      facts: liveFacts({ ...OWNER('eg'), [OPT_OUT_LABEL]: '' }),
      says: 'it is opted out by its label gateway-name-webhook/ignore',
    },
    {
      facts: liveFacts(OWNER('eg'), {}, { deletionTimestamp: AT.later }),
      says: 'it is being deleted',
    },
    {
      facts: liveFacts(
        { ...OWNER('a'), ...STANDARD('b') },
        {},
        { managedFields: [setBy('envoy-gateway', [owner]), setBy('kubectl-label', [standard])] },
      ),
      says: `its labels conflict, and existing labels are never changed: kubectl-label set ${standard}, envoy-gateway set ${owner}`,
    },
  ])('returns: $says', ({ facts, reverse, says }) => {
    expect(verdict(facts, reverse)).toBe(says);
  });

  test('returns it for an object that has lost all labels', () => {
    const { object } = liveFacts({});
    const { labels: _, ...metadata } = object.metadata;
    expect(verdict(liveFacts({}, { object: { ...object, metadata } }))).toContain('it has neither label');
  });
});

describe('verdictOf() an object with both labels', () => {
  test.for([
    {
      managedFields: [setBy('envoy-gateway', [owner])],
      says: `admission (webhook or policy) set ${standard}, envoy-gateway set ${owner}`,
    },
    {
      managedFields: [setBy('istio', [standard])],
      says: `istio set ${standard}, admission (webhook or policy) set ${owner}`,
    },
    {
      managedFields: [setBy('envoy-gateway', [owner]), setBy('gateway-name-webhook', [standard], AT.later)],
      says: `backfill or heal added ${standard} at ${AT.later}`,
    },
    {
      managedFields: [setBy('istio', [standard]), setBy('gateway-name-webhook', [owner], AT.later)],
      says: `backfill or heal added ${owner} at ${AT.later}`,
    },
    {
      managedFields: [setBy('envoy-gateway', [owner, standard]), setBy('helm', [owner])],
      says: `nothing was missing: envoy-gateway set ${standard}, envoy-gateway and helm set ${owner}`,
    },
    { managedFields: [], says: 'there is no record of what set its labels' },
  ])('returns: $says', ({ managedFields, says }) => {
    expect(verdict(liveFacts(BOTH, {}, { managedFields }))).toBe(says);
  });
});

describe('verdictOf() an object that is missing a label', () => {
  const entries = (change: Partial<WebhookEntry>, from = ENTRIES) => ({
    configuration: { value: configurationOf(from.map((one) => ({ ...one, ...change }))) },
  });
  const configured = (creationTimestamp: string, changed?: string) => ({
    configuration: { value: configurationOf(ENTRIES, creationTimestamp, changed) },
  });
  const STANDARD_ENTRY = 'standard.label.gateway-name-webhook';
  const OWNER_ENTRY = 'owner.label.gateway-name-webhook';
  const sent = `${STANDARD_ENTRY} matches the object`;
  const nobody = 'another API server did, or a label was removed later';

  test.for<{
    facts: KnownFacts;
    labels?: Readonly<Record<string, string>>;
    managedFields?: readonly ReturnType<typeof setBy>[];
    cause: string;
  }>([
    {
      facts: { configuration: { problem: { message: 'forbidden' } } },
      cause: 'cannot tell why a label is missing: a-name cannot be read',
    },
    {
      facts: { configuration: { value: undefined } },
      cause: 'MutatingWebhookConfiguration a-name not found, so the webhook is never called',
    },
    { facts: configured('2026-11-25T03:00:00Z'), cause: 'the object was created 3d3h before a-name' },
    { facts: entries({}, []), cause: `a-name has no entry ${STANDARD_ENTRY}` },
    {
      facts: entries({ matchConditions: [{ name: 'x' }] }),
      cause: `cannot tell whether ${STANDARD_ENTRY} matches the object: this depends on its matchConditions (x)`,
    },
    {
      facts: {},
      managedFields: [setBy('kubectl-label', [owner], AT.later, LABELS_ONLY)],
      cause: `kubectl-label set ${owner} at ${AT.later}, after the object was created; labels are only added on creation`,
    },
    {
      facts: { counters: { problem: { message: 'forbidden' } } },
      cause: `${sent}: most likely the API server failed open, which its metrics would show`,
    },
    {
      facts: { counters: { value: counted(3) } },
      cause: `the API server failed open 3 times since ${AT.configured} for ${STANDARD_ENTRY}, most likely also for this object`,
    },
    {
      facts: { counters: { value: counted(1) } },
      cause: `the API server failed open once since ${AT.configured} for ${STANDARD_ENTRY}, most likely also for this object`,
    },
    {
      // The first attempt failed, and the second one followed.
      facts: {
        configuration: { value: twiceConfiguration() },
        counters: { value: counted(3) },
      },
      cause: `second.${sent}, and this API server has not failed open since ${AT.configured}: ${nobody}`,
    },
    {
      facts: { counters: { value: counted(3, AT.later) } },
      cause: `${sent}: most likely the API server failed open before ${AT.later}, when its counters started`,
    },
    {
      facts: configured(AT.configured, AT.later),
      cause: `${sent} now, but a-name was changed at ${AT.later}, after the object was created`,
    },
    {
      facts: {},
      cause: `${sent}, and this API server has not failed open since ${AT.configured}: ${nobody}`,
    },
    {
      facts: { ...configured(AT.created, ''), counters: { value: counted(0, AT.created) } },
      managedFields: [setBy('creator', [owner], AT.created, LABELS_ONLY), setBy('envoy-gateway', [owner], AT.later)],
      cause: `${sent}, and this API server has not failed open since ${AT.created}: ${nobody}`,
    },
  ])('returns: $cause', ({ facts, labels = OWNER('eg'), managedFields = [], cause }) => {
    expect(verdict(liveFacts(labels, facts, { managedFields }))).toBe(`${cause}; run \`backfill\` to add the label`);
  });

  test.for([
    {
      facts: entries({ namespaceSelector: { matchLabels: { team: 'y' } } }, ENTRIES.toReversed()),
      exclusion: `${STANDARD_ENTRY} does not match the object: its namespaceSelector excludes shop`,
    },
    {
      // The owner's label is missing, and the changed entry is for the other label.
      facts: entries({ objectSelector: { matchLabels: { a: 'b' } } }),
      labels: STANDARD('eg'),
      exclusion: `${OWNER_ENTRY} does not match the object: its objectSelector excludes the object`,
    },
    {
      // The object is also older than the configuration.
      facts: {
        configuration: {
          value: configurationOf(
            ENTRIES.map((entry) => ({ ...entry, namespaceSelector: { matchLabels: { team: 'y' } } })),
            '2026-11-25T03:00:00Z',
          ),
        },
      },
      exclusion: `${STANDARD_ENTRY} does not match the object: its namespaceSelector excludes shop`,
    },
  ])('does not advise to label what may be excluded on purpose: $exclusion', ({ facts, labels, exclusion }) => {
    expect(verdict(liveFacts(labels ?? OWNER('eg'), facts))).toBe(
      `${exclusion}; if it should have the label, change that, then run \`backfill\``,
    );
  });
});
