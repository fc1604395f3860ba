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

describe('verdictOf() what the rule leaves alone', () => {
  test.for<{ facts: LiveFacts; reverse?: Reverse; says: string }>([
    { facts: liveFacts({}), says: 'it has neither label: it belongs to no Gateway' },
    {
      facts: liveFacts({ [OWNER_CLASS_LABEL]: 'a' }),
      says: 'it is of a merged fleet, which belongs to no one Gateway',
    },
    { facts: liveFacts(OWNER('')), says: 'the value of its one label is no name, and is not copied' },
    {
      facts: liveFacts(STANDARD('eg')),
      reverse: 'managed',
      says: 'it has the standard label alone, and rule.reverse leaves it out',
    },
    {
      facts: liveFacts(OWNER('eg'), {}, { annotations: { 'kubernetes.io/config.mirror': 'a' } }),
      says: "it is the image of a static Pod, which is the kubelet's",
    },
    {
      facts: liveFacts({ ...OWNER('eg'), [OPT_OUT_LABEL]: '' }),
      says: 'it is opted out by its label gateway-name-webhook/ignore',
    },
    {
      facts: liveFacts(OWNER('eg'), {}, { deletionTimestamp: AT.later }),
      says: 'it is being deleted, and gets no labels any more',
    },
    {
      facts: liveFacts(
        { ...OWNER('a'), ...STANDARD('b') },
        {},
        { managedFields: [setBy('envoy-gateway', [owner]), setBy('kubectl-label', [standard])] },
      ),
      says: `its labels disagree, and none is ever changed: kubectl-label set ${standard}, envoy-gateway set ${owner}`,
    },
  ])('says: $says', ({ facts, reverse, says }) => {
    expect(verdict(facts, reverse)).toBe(says);
  });

  test('says it of what has lost all labels', () => {
    const { object } = liveFacts({});
    const { labels: _, ...metadata } = object.metadata;
    expect(verdict(liveFacts({}, { object: { ...object, metadata } }))).toContain('it has neither label');
  });
});

describe('verdictOf() an object with both labels', () => {
  test.for([
    {
      managedFields: [setBy('envoy-gateway', [owner])],
      says: `admission (the webhook, or the policy) set ${standard}, envoy-gateway set ${owner}`,
    },
    {
      managedFields: [setBy('istio', [standard])],
      says: `istio set ${standard}, admission (the webhook, or the policy) set ${owner}`,
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
    { managedFields: [], says: 'nobody is on record as having set its labels' },
  ])('says: $says', ({ managedFields, says }) => {
    expect(verdict(liveFacts(BOTH, {}, { managedFields }))).toBe(says);
  });
});

describe('verdictOf() an object that lacks a label', () => {
  const entries = (change: Partial<WebhookEntry>, from = ENTRIES) => ({
    configuration: { value: configurationOf(from.map((one) => ({ ...one, ...change }))) },
  });
  const configured = (creationTimestamp: string, changed?: string) => ({
    configuration: { value: configurationOf(ENTRIES, creationTimestamp, changed) },
  });
  const STANDARD_ENTRY = 'standard.label.gateway-name-webhook';
  const OWNER_ENTRY = 'owner.label.gateway-name-webhook';
  const sent = `${STANDARD_ENTRY} would have it sent`;
  const nobody = 'another one has, or somebody removed a label';

  test.for<{
    facts: KnownFacts;
    labels?: Readonly<Record<string, string>>;
    managedFields?: readonly ReturnType<typeof setBy>[];
    cause: string;
  }>([
    {
      facts: { configuration: { problem: { message: 'forbidden' } } },
      cause: 'why it lacks a label cannot be told, as a-name cannot be read',
    },
    {
      facts: { configuration: { value: undefined } },
      cause: 'there is no MutatingWebhookConfiguration a-name, so that the webhook is never called',
    },
    { facts: configured('2026-11-25T03:00:00Z'), cause: 'it was created 3d3h before a-name was configured' },
    { facts: entries({}, []), cause: `a-name has no entry ${STANDARD_ENTRY}` },
    {
      facts: entries({ namespaceSelector: { matchLabels: { team: 'y' } } }, ENTRIES.toReversed()),
      cause: `${STANDARD_ENTRY} does not have it sent: its namespaceSelector leaves out shop`,
    },
    {
      // The label that is missing is the owner's: the other entry says nothing about it.
      facts: entries({ objectSelector: { matchLabels: { a: 'b' } } }),
      labels: STANDARD('eg'),
      cause: `${OWNER_ENTRY} does not have it sent: its objectSelector leaves it out`,
    },
    {
      facts: entries({ matchConditions: [{ name: 'x', expression: 'true' }] }),
      cause: `whether ${STANDARD_ENTRY} has it sent cannot be told here: its matchConditions decide (x)`,
    },
    {
      facts: {},
      managedFields: [setBy('kubectl-label', [owner], AT.later, LABELS_ONLY)],
      cause: `kubectl-label set ${owner} at ${AT.later}, after it was created, when admission looks at it`,
    },
    {
      facts: { counters: { problem: { message: 'forbidden' } } },
      cause: `${sent}: likely the API server failed open, which its metrics would tell`,
    },
    {
      facts: { counters: { value: counted(3) } },
      cause: `the API server failed open 3 times since ${AT.configured} for ${STANDARD_ENTRY}: likely that`,
    },
    {
      facts: { counters: { value: counted(1) } },
      cause: `the API server failed open once since ${AT.configured} for ${STANDARD_ENTRY}: likely that`,
    },
    {
      // A first attempt that failed was followed by a second.
      facts: {
        configuration: { value: twiceConfiguration() },
        counters: { value: counted(3) },
      },
      cause: `second.${sent}, and the API server has not failed open since ${AT.configured}: ${nobody}`,
    },
    {
      facts: { counters: { value: counted(3, AT.later) } },
      cause: `${sent}: likely the API server failed open, whose counts begin later, at ${AT.later}`,
    },
    {
      facts: configured(AT.configured, AT.later),
      cause: `${sent} now, but a-name was changed at ${AT.later}, after it was created`,
    },
    {
      facts: {},
      cause: `${sent}, and the API server has not failed open since ${AT.configured}: ${nobody}`,
    },
    {
      facts: { ...configured(AT.created, ''), counters: { value: counted(0, AT.created) } },
      managedFields: [setBy('creator', [owner], AT.created, LABELS_ONLY), setBy('envoy-gateway', [owner], AT.later)],
      cause: `${sent}, and the API server has not failed open since ${AT.created}: ${nobody}`,
    },
  ])('says: $cause', ({ facts, labels = OWNER('eg'), managedFields = [], cause }) => {
    expect(verdict(liveFacts(labels, facts, { managedFields }))).toBe(`${cause}; run \`backfill\` to add it`);
  });
});
