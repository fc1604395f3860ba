import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS } from '../../../src/admission/gateway.ts';
import { reviewLiveObject } from '../../../src/commands/why/live-review.ts';
import { AT, liveFacts, setBy } from '../../support/live-facts.ts';
import { OWNER, STANDARD } from '../../support/objects.ts';

const { standard, owner } = GATEWAY_LABELS;
const STANDARD_ENTRY = 'standard.label.gateway-name-webhook';
const OWNER_ENTRY = 'owner.label.gateway-name-webhook';
const LEFT_OUT = { sent: 'no', because: ['its objectSelector excludes the object'] };
const SENT = { sent: 'yes', because: [] };

const sendings = (labels: Readonly<Record<string, string>>) =>
  reviewLiveObject(liveFacts(labels), 'both').sendings.map(({ entry, createdWith, sent }) => [
    entry,
    createdWith,
    sent,
  ]);

describe('reviewLiveObject()', () => {
  test('returns the decision, which manager set which label, and the requests that would be sent', () => {
    const managedFields = [setBy('envoy-gateway', [owner])];
    const facts = liveFacts(OWNER('eg'), {}, { managedFields });
    expect(reviewLiveObject(facts, 'both')).toEqual({
      ...facts,
      decision: { reason: 'added-standard', add: { key: standard, value: 'eg' } },
      labels: [
        { key: standard, value: undefined, setBy: [] },
        { key: owner, value: 'eg', setBy: [{ manager: 'envoy-gateway', time: AT.created, hasSetLabelsOnly: false }] },
      ],
      sendings: [
        { entry: STANDARD_ENTRY, createdWith: 'its labels', ...SENT },
        { entry: OWNER_ENTRY, createdWith: 'its labels', ...LEFT_OUT },
      ],
    });
  });

  test('treats an object with both labels as if it was created with either one', () => {
    expect(sendings({ ...OWNER('eg'), ...STANDARD('eg') })).toEqual([
      [STANDARD_ENTRY, 'owner alone', 'yes'],
      [OWNER_ENTRY, 'owner alone', 'no'],
      [STANDARD_ENTRY, 'standard alone', 'no'],
      [OWNER_ENTRY, 'standard alone', 'yes'],
    ]);
  });

  test.for([
    { name: 'whose labels disagree', labels: { ...OWNER('a'), ...STANDARD('b') } },
    { name: 'without labels', labels: {} },
  ])('does not change an object $name', ({ labels }) => {
    expect(sendings(labels)).toEqual([
      [STANDARD_ENTRY, 'its labels', 'no'],
      [OWNER_ENTRY, 'its labels', 'no'],
    ]);
  });

  test('uses the given direction, and needs neither metadata nor a readable webhook configuration', () => {
    const facts = liveFacts(STANDARD('eg'), {
      configuration: { problem: { message: 'forbidden' } },
      namespaceLabels: { problem: { message: 'forbidden' } },
    });
    expect(reviewLiveObject(facts, 'off')).toMatchObject({ decision: { reason: 'not-managed' }, sendings: [] });
    const { object } = liveFacts({});
    const { labels: _, ...metadata } = object.metadata;
    const unlabelled = liveFacts({}, { object: { ...object, metadata } });
    expect(reviewLiveObject(unlabelled, 'both').decision).toEqual({ reason: 'no-gateway' });
  });
});
