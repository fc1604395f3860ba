import { type Decision, decide, GATEWAY_LABELS, type Reverse } from '../../admission/gateway.ts';
import type { AdmissionCounters } from '../../installation/counters.ts';
import type { Installation } from '../../installation/installation.ts';
import type { Outcome } from '../../installation/outcome.ts';
import { type Sending, sendingOf } from '../../installation/sending.ts';
import type { Labels } from '../../objects/label-selector.ts';
import { type LabelManager, managersOf } from '../../objects/managed-fields.ts';
import type { StoredObject } from '../../objects/stored-object.ts';

/** Everything that can be found out about an object's labels. */
export interface LiveFacts {
  readonly object: StoredObject;
  readonly namespaceLabels: Outcome<Labels>;
  readonly installation: Installation;
  readonly counters: Outcome<AdmissionCounters>;
}

/** One of the two labels, and its managers. */
export interface LabelOrigin {
  readonly key: string;
  /** Undefined if it is missing. */
  readonly value: string | undefined;
  /** Empty for an existing label: admission added it. */
  readonly setBy: readonly LabelManager[];
}

/** Whether an entry matches the object if it is created as it is, or with only one of its two labels. */
export interface EntrySending extends Sending {
  readonly entry: string;
  readonly createdWith: 'its labels' | 'owner alone' | 'standard alone';
}

export interface LiveReview extends LiveFacts {
  readonly decision: Decision;
  readonly labels: readonly LabelOrigin[];
  readonly sendings: readonly EntrySending[];
}

/** Reviews a live object: the rule's decision, the managers of its labels, and whether it would be sent to the webhook now. */
export function reviewLiveObject(facts: LiveFacts, reverse: Reverse): LiveReview {
  const { metadata } = facts.object;
  return {
    ...facts,
    decision: decide(metadata, reverse),
    labels: Object.values(GATEWAY_LABELS).map((key) => ({
      key,
      value: metadata.labels?.[key],
      setBy: managersOf(metadata, key),
    })),
    sendings: sendingsOf(facts),
  };
}

function sendingsOf({ object, namespaceLabels, installation }: LiveFacts): EntrySending[] {
  const { kind, metadata } = object;
  const entries = installation.configuration.value?.webhooks ?? [];
  return creationsOf(metadata.labels ?? {}).flatMap(({ createdWith, labels }) =>
    entries.map((entry) => {
      const creation = { kind, namespace: metadata.namespace, labels, namespaceLabels: namespaceLabels.value };
      return { entry: entry.name, createdWith, ...sendingOf(entry, creation) };
    }),
  );
}

interface Created extends Pick<EntrySending, 'createdWith'> {
  readonly labels: Labels;
}

/** No entry matches an object with both labels: one with two equal labels may have been created with either of them. */
function creationsOf(labels: Labels): readonly Created[] {
  const { [GATEWAY_LABELS.standard]: standard, [GATEWAY_LABELS.owner]: owner, ...others } = labels;
  if (standard === undefined || standard !== owner) return [{ createdWith: 'its labels', labels }];
  return [
    { createdWith: 'owner alone', labels: { ...others, [GATEWAY_LABELS.owner]: owner } },
    { createdWith: 'standard alone', labels: { ...others, [GATEWAY_LABELS.standard]: standard } },
  ];
}
