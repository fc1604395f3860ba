import { OPT_OUT_LABEL, OWNER_CLASS_LABEL, type Reason } from '../../admission/gateway.ts';
import { directionOf, entryName } from '../../installation/attempts.ts';
import { changedAt } from '../../installation/changed-at.ts';
import type { WebhookConfiguration } from '../../installation/configuration.ts';
import type { Direction } from '../../installation/direction.ts';
import { LABEL_MANAGER, type LabelManager } from '../../objects/managed-fields.ts';
import { printableAge } from '../output/age.ts';
import { exclusionOf } from './exclusion.ts';
import { laterLabel } from './later-label.ts';
import type { EntrySending, LabelOrigin, LiveReview } from './live-review.ts';
import { causeWithoutWebhook } from './policy-verdict.ts';

/** Why the rule leaves an object alone, whether or not it is sent to the webhook. */
const LEFT_ALONE: Readonly<
  Record<Exclude<Reason, 'added-standard' | 'added-owner' | 'complete' | 'conflict'>, string>
> = {
  'no-gateway': 'it has neither label, so it belongs to no Gateway',
  'invalid-value': 'its only gateway label has an invalid value, which is not copied',
  'not-managed': 'it only has the standard label, and rule.reverse excludes it',
  'mirror-pod': 'it is a mirror Pod, which belongs to the kubelet',
  'opted-out': `it is opted out by its label ${OPT_OUT_LABEL}`,
  deleting: 'it is being deleted',
};

/** Says in one sentence why an object has its labels, or why one is missing, and what to do. */
export function verdictOf(review: LiveReview): string {
  const { decision, labels, object } = review;
  if (decision.add) {
    const direction = decision.reason === 'added-owner' ? 'owner' : 'standard';
    const exclusion = exclusionOf(review, direction);
    return exclusion === undefined
      ? `${causeOfLack(review, direction)}; run \`backfill\` to add the label`
      : `${exclusion}; if it should have the label, change that, then run \`backfill\``;
  }
  if (decision.reason === 'complete') return originOfBoth(labels);
  if (decision.reason === 'conflict')
    return `its labels conflict, and existing labels are never changed: ${settersOf(labels)}`;
  if (decision.reason === 'no-gateway' && Object.hasOwn(object.metadata.labels ?? {}, OWNER_CLASS_LABEL)) {
    return 'it belongs to a merged fleet, not to a single Gateway';
  }
  return LEFT_ALONE[decision.reason];
}

function originOfBoth(labels: readonly LabelOrigin[]): string {
  for (const { key, setBy } of labels) {
    const backfill = setBy.find(({ manager }) => manager === LABEL_MANAGER);
    if (backfill) return `backfill or heal added ${key} at ${backfill.time}`;
  }
  const added = labels.filter(({ setBy }) => setBy.length === 0);
  if (added.length === labels.length) return 'there is no record of what set its labels';
  return added.length === 0 ? `nothing was missing: ${settersOf(labels)}` : settersOf(labels);
}

function settersOf(labels: readonly LabelOrigin[]): string {
  return labels.map(({ key, setBy }) => `${setter(setBy)} set ${key}`).join(', ');
}

function setter(setBy: readonly LabelManager[]): string {
  return setBy.length === 0 ? 'admission (webhook or policy)' : setBy.map(({ manager }) => manager).join(' and ');
}

/** Only the entries of one direction add the missing label; those of the other do not matter. */
function causeOfLack(review: LiveReview, direction: Direction): string {
  const { installation, object } = review;
  const { name, configuration } = installation;
  if (configuration.problem) return `cannot tell why a label is missing: ${name} cannot be read`;
  if (!configuration.value) return causeWithoutWebhook(review, direction);
  const { metadata } = configuration.value;
  const created = object.metadata.creationTimestamp;
  if (created < metadata.creationTimestamp) {
    const before = printableAge(created, new Date(metadata.creationTimestamp));
    return `the object was created ${before} before ${metadata.name}`;
  }
  const sendings = review.sendings.filter(({ entry }) => directionOf(entry) === direction);
  return (
    causeOfNotSending(sendings, metadata.name, direction) ?? causeAfterSending(review, configuration.value, sendings)
  );
}

/** Undefined if an entry matches the object when it is created. One that does not match is an exclusion. */
function causeOfNotSending(
  sendings: readonly EntrySending[],
  configuration: string,
  direction: Direction,
): string | undefined {
  if (sendings.some(({ sent }) => sent === 'yes')) return undefined;
  const unknown = sendings.find(({ sent }) => sent === 'unknown');
  if (unknown) return `cannot tell whether ${unknown.entry} matches the object: this ${unknown.because.join(' and ')}`;
  return `${configuration} has no entry ${entryName(direction)}`;
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
  // A failure of any entry but the last is followed by another call.
  const entry = sendings.findLast(({ sent }) => sent === 'yes')?.entry;
  const sent = `${entry} matches the object`;
  if (counters.problem) return `${sent}: most likely the API server failed open, which its metrics would show`;
  const { since, entries } = counters.value;
  if (created < since)
    return `${sent}: most likely the API server failed open before ${since}, when its counters started`;
  const failOpens = entries.find(({ name }) => name === entry)?.failOpens ?? 0;
  if (failOpens > 0) {
    const times = failOpens === 1 ? 'once' : `${failOpens} times`;
    return `the API server failed open ${times} since ${since} for ${entry}, most likely also for this object`;
  }
  const changed = changedAt(configuration) ?? '';
  if (changed > created) {
    return `${sent} now, but ${configuration.metadata.name} was changed at ${changed}, after the object was created`;
  }
  return `${sent}, and this API server has not failed open since ${since}: another API server did, or a label was removed later`;
}
