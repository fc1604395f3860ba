import { OPT_OUT_LABEL, OWNER_CLASS_LABEL, type Reason } from '../../admission/gateway.ts';
import type { AdmissionCounters } from '../../installation/counters.ts';
import type { LiveConfiguration } from '../../installation/live-configuration.ts';
import { LABEL_MANAGER, type LabelManager } from '../../objects/managed-fields.ts';
import { printableAge } from '../output/age.ts';
import { laterLabel } from './later-label.ts';
import type { LabelOrigin, LiveReview } from './live-review.ts';
import { causeWithoutWebhook } from './policy-verdict.ts';

/** What the rule leaves alone whatever is sent to the webhook. */
const LEFT_ALONE: Readonly<
  Record<Exclude<Reason, 'added-standard' | 'added-owner' | 'complete' | 'conflict'>, string>
> = {
  'no-gateway': 'it has neither label: it belongs to no Gateway',
  'invalid-value': 'the value of its one label is no name, and is not copied',
  'not-managed': 'it has the standard label alone, and --reverse leaves it out',
  'mirror-pod': "it is the image of a static Pod, which is the kubelet's",
  'opted-out': `it is opted out by its label ${OPT_OUT_LABEL}`,
  deleting: 'it is being deleted, and gets no labels any more',
};

/** Says in one sentence why an object has its labels, or lacks one, and what to do then. */
export function verdictOf(review: LiveReview, configuration: string): string {
  const { decision, labels, object } = review;
  if (decision.add) return `${causeOfLack(review, configuration)}; run \`backfill\` to add it`;
  if (decision.reason === 'complete') return originOfBoth(labels);
  if (decision.reason === 'conflict') return `its labels disagree, and none is ever changed: ${settersOf(labels)}`;
  if (decision.reason === 'no-gateway' && Object.hasOwn(object.metadata.labels ?? {}, OWNER_CLASS_LABEL)) {
    return 'it is of a merged fleet, which belongs to no one Gateway';
  }
  return LEFT_ALONE[decision.reason];
}

function originOfBoth(labels: readonly LabelOrigin[]): string {
  for (const { key, setBy } of labels) {
    const backfill = setBy.find(({ manager }) => manager === LABEL_MANAGER);
    if (backfill) return `backfill or heal added ${key} at ${backfill.time}`;
  }
  const added = labels.filter(({ setBy }) => setBy.length === 0);
  if (added.length === labels.length) return 'nobody is on record as having set its labels';
  return added.length === 0 ? `nothing was missing: ${settersOf(labels)}` : settersOf(labels);
}

function settersOf(labels: readonly LabelOrigin[]): string {
  return labels.map(({ key, setBy }) => `${setter(setBy)} set ${key}`).join(', ');
}

function setter(setBy: readonly LabelManager[]): string {
  return setBy.length === 0
    ? 'admission (the webhook, or the policy)'
    : setBy.map(({ manager }) => manager).join(' and ');
}

function causeOfLack(review: LiveReview, name: string): string {
  const { configuration, object } = review;
  if (configuration.problem !== undefined) return `why it lacks a label cannot be told, as ${name} cannot be read`;
  if (!configuration.value) return causeWithoutWebhook(review, name);
  const { creationTimestamp } = configuration.value;
  const created = object.metadata.creationTimestamp;
  if (created < creationTimestamp) {
    return `it was created ${printableAge(created, new Date(creationTimestamp))} before ${name} was configured`;
  }
  return causeOfNotSending(review, name) ?? causeAfterSending(review, configuration.value, name);
}

/** Undefined where an entry has the object sent when it is created. */
function causeOfNotSending({ sendings }: LiveReview, name: string): string | undefined {
  if (sendings.some(({ sent }) => sent === 'yes')) return undefined;
  const unknown = sendings.find(({ sent }) => sent === 'unknown');
  if (unknown) return `whether ${unknown.entry} has it sent cannot be told here: ${unknown.because.join(', ')}`;
  // Of the two directions, one is not for it in any case.
  const [closest] = sendings.toSorted((one, other) => one.because.length - other.because.length);
  return closest ? `${closest.entry} does not have it sent: ${closest.because.join(', ')}` : `${name} has no entries`;
}

function causeAfterSending(review: LiveReview, { changedAt = '' }: LiveConfiguration, name: string): string {
  const { object, sendings, counters } = review;
  const created = object.metadata.creationTimestamp;
  const later = laterLabel(review);
  if (later !== undefined) return later;
  if (counters.problem !== undefined) {
    return 'it would be sent: likely the API server failed open, which its metrics would tell';
  }
  const { since } = counters.value;
  const senders = new Set(sendings.filter(({ sent }) => sent === 'yes').map(({ entry }) => entry));
  const failOpens = failOpensOf(counters.value, senders);
  if (created < since)
    return `it would be sent: likely the API server failed open, whose counts begin later, at ${since}`;
  if (failOpens > 0)
    return `the API server failed open ${failOpens === 1 ? 'once' : `${failOpens} times`} since ${since}: likely that`;
  if (changedAt > created) return `it would be sent now, but ${name} was changed at ${changedAt}, after it was created`;
  return `it would be sent, and the API server has not failed open since ${since}: another one has, or somebody removed a label`;
}

function failOpensOf({ entries }: AdmissionCounters, senders: ReadonlySet<string>): number {
  return entries.filter(({ name }) => senders.has(name)).reduce((total, { failOpens }) => total + failOpens, 0);
}
