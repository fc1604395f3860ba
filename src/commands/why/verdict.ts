import { OPT_OUT_LABEL, OWNER_CLASS_LABEL, type Reason } from '../../admission/gateway.ts';
import { directionOf, entryName } from '../../installation/attempts.ts';
import { changedAt } from '../../installation/changed-at.ts';
import type { WebhookConfiguration } from '../../installation/configuration.ts';
import type { Direction } from '../../installation/direction.ts';
import { LABEL_MANAGER, type LabelManager } from '../../objects/managed-fields.ts';
import { printableAge } from '../output/age.ts';
import { laterLabel } from './later-label.ts';
import type { EntrySending, LabelOrigin, LiveReview } from './live-review.ts';
import { causeWithoutWebhook } from './policy-verdict.ts';

/** What the rule leaves alone whatever is sent to the webhook. */
const LEFT_ALONE: Readonly<
  Record<Exclude<Reason, 'added-standard' | 'added-owner' | 'complete' | 'conflict'>, string>
> = {
  'no-gateway': 'it has neither label: it belongs to no Gateway',
  'invalid-value': 'the value of its one label is no name, and is not copied',
  'not-managed': 'it has the standard label alone, and rule.reverse leaves it out',
  'mirror-pod': "it is the image of a static Pod, which is the kubelet's",
  'opted-out': `it is opted out by its label ${OPT_OUT_LABEL}`,
  deleting: 'it is being deleted, and gets no labels any more',
};

/** Says in one sentence why an object has its labels, or lacks one, and what to do then. */
export function verdictOf(review: LiveReview): string {
  const { decision, labels, object } = review;
  if (decision.add)
    return `${causeOfLack(review, decision.reason === 'added-owner' ? 'owner' : 'standard')}; run \`backfill\` to add it`;
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

/** The label that is missing is that of a direction: the entries of the other one say nothing about it. */
function causeOfLack(review: LiveReview, direction: Direction): string {
  const { installation, object } = review;
  const { name, configuration } = installation;
  if (configuration.problem) return `why it lacks a label cannot be told, as ${name} cannot be read`;
  if (!configuration.value) return causeWithoutWebhook(review, direction);
  const { metadata } = configuration.value;
  const created = object.metadata.creationTimestamp;
  if (created < metadata.creationTimestamp) {
    const before = printableAge(created, new Date(metadata.creationTimestamp));
    return `it was created ${before} before ${metadata.name} was configured`;
  }
  const sendings = review.sendings.filter(({ entry }) => directionOf(entry) === direction);
  return (
    causeOfNotSending(sendings, metadata.name, direction) ?? causeAfterSending(review, configuration.value, sendings)
  );
}

/** Undefined where an entry has the object sent when it is created. */
function causeOfNotSending(
  sendings: readonly EntrySending[],
  configuration: string,
  direction: Direction,
): string | undefined {
  if (sendings.some(({ sent }) => sent === 'yes')) return undefined;
  const unknown = sendings.find(({ sent }) => sent === 'unknown');
  if (unknown) return `whether ${unknown.entry} has it sent cannot be told here: ${unknown.because.join(', ')}`;
  const last = sendings.at(-1);
  if (!last) return `${configuration} has no entry ${entryName(direction)}`;
  return `${last.entry} does not have it sent: ${last.because.join(', ')}`;
}

function causeAfterSending(
  review: LiveReview,
  configuration: WebhookConfiguration,
  sendings: readonly EntrySending[],
): string {
  const { object, counters } = review;
  const created = object.metadata.creationTimestamp;
  const later = laterLabel(review);
  if (later !== undefined) return later;
  // Of several entries, a failure of any but the last is followed by another call.
  const entry = sendings.findLast(({ sent }) => sent === 'yes')?.entry;
  const sent = `${entry} would have it sent`;
  if (counters.problem) return `${sent}: likely the API server failed open, which its metrics would tell`;
  const { since, entries } = counters.value;
  if (created < since) return `${sent}: likely the API server failed open, whose counts begin later, at ${since}`;
  const failOpens = entries.find(({ name }) => name === entry)?.failOpens ?? 0;
  if (failOpens > 0) {
    const times = failOpens === 1 ? 'once' : `${failOpens} times`;
    return `the API server failed open ${times} since ${since} for ${entry}: likely that`;
  }
  const changed = changedAt(configuration) ?? '';
  if (changed > created) {
    return `${sent} now, but ${configuration.metadata.name} was changed at ${changed}, after it was created`;
  }
  return `${sent}, and the API server has not failed open since ${since}: another one has, or somebody removed a label`;
}
