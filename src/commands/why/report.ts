import { changedAt } from '../../installation/changed-at.ts';
import type { WebhookConfiguration } from '../../installation/configuration.ts';
import type { EntryCounters } from '../../installation/counters.ts';
import type { WhyOutput } from '../options/output-forms.ts';
import { printableAge } from '../output/age.ts';
import { formatDocument } from '../output/structured-output.ts';
import { formatTable } from '../output/table.ts';
import type { EntrySending, LabelOrigin, LiveReview } from './live-review.ts';
import { verdictOf } from './verdict.ts';

/** Formats the review of a live object and the verdict. */
export function formatLiveReview(review: LiveReview, output: WhyOutput, now: Date): string {
  const verdict = verdictOf(review);
  if (output !== 'table') return formatDocument(output, factsOf(review, verdict));
  const { labels, sendings, counters } = review;
  return [
    summary(review, now),
    labelTable(labels),
    ...(sendings.length > 0 ? [sendingTable(sendings)] : []),
    ...(counters.value?.entries.length ? [counterTable(counters.value.entries, counters.value.since)] : []),
    ...problems(review),
    `Verdict: ${verdict}.\n`,
  ].join('\n');
}

function summary({ object: { kind, metadata }, decision, installation }: LiveReview, now: Date): string {
  const { namespace, creationTimestamp } = metadata;
  const missing = decision.add ? `: missing ${decision.add.key}=${decision.add.value}` : '';
  return [
    `${kind} ${namespace}/${metadata.name}, created ${creationTimestamp} (${printableAge(creationTimestamp, now)} ago)\n`,
    `${decision.reason}${missing}\n`,
    ...configured(installation.configuration.value),
    ...(installation.policies.value ?? []).map(
      ({ metadata: { name, creationTimestamp }, binding }) =>
        `MutatingAdmissionPolicy ${name}, created ${creationTimestamp}, binding ${binding}\n`,
    ),
  ].join('');
}

function configured(configuration: WebhookConfiguration | undefined): string[] {
  if (!configuration) return [];
  const { name, creationTimestamp } = configuration.metadata;
  const changed = changedAt(configuration);
  const later = changed === undefined ? '' : `, changed ${changed}`;
  return [`MutatingWebhookConfiguration ${name}, created ${creationTimestamp}${later}\n`];
}

function labelTable(labels: readonly LabelOrigin[]): string {
  const rows = labels.flatMap(({ key, value, setBy }) => {
    if (value === undefined) return [[key, '-']];
    return setBy.length === 0
      ? [[key, value, 'admission']]
      : setBy.map(({ manager, time }) => [key, value, manager, time]);
  });
  return formatTable([['LABEL', 'VALUE', 'SET BY', 'AT'], ...rows]);
}

function sendingTable(sendings: readonly EntrySending[]): string {
  const rows = sendings.map(({ entry, createdWith, sent, because }) => [entry, createdWith, sent, because.join(', ')]);
  return formatTable([['ENTRY', 'IF CREATED WITH', 'SENT', 'WHY'], ...rows]);
}

function counterTable(entries: readonly EntryCounters[], since: string): string {
  const rows = entries.map(({ name, calls, failOpens }) => {
    const byCode = Object.entries(calls).map(([code, count]) => `${count} (${code})`);
    return [name, byCode.join(', ') || '0', String(failOpens)];
  });
  return formatTable([['ENTRY', `CALLS SINCE ${since}`, 'FAILED OPEN'], ...rows]);
}

function problems({ namespaceLabels, installation, counters }: LiveReview): string[] {
  const { configuration, policies } = installation;
  // With a webhook, unreadable policies do not matter: it labels what they leave out.
  const read = [namespaceLabels, configuration, counters, ...(configuration.value ? [] : [policies])];
  const found = read.flatMap(({ problem }) => problem?.message ?? []);
  return found.length > 0
    ? [`Problems\n${found.map((problem) => `  ${problem.replaceAll('\n', '\n  ')}\n`).join('')}`]
    : [];
}

function factsOf({ object, decision, labels, installation, sendings, ...read }: LiveReview, verdict: string) {
  const { namespace, name: own, creationTimestamp } = object.metadata;
  const { value, problem } = installation.configuration;
  const { policies } = installation;
  return {
    object: { kind: object.kind, namespace, name: own, creationTimestamp },
    reason: decision.reason,
    add: decision.add && { [decision.add.key]: decision.add.value },
    labels: labels.map(({ key, value, setBy }) => ({
      key,
      value,
      setBy: setBy.map(({ manager, time }) => ({ manager, time })),
    })),
    configuration: {
      name: value?.metadata.name ?? installation.name,
      exists: value !== undefined,
      creationTimestamp: value?.metadata.creationTimestamp,
      changedAt: value && changedAt(value),
      problem: problem?.message,
    },
    policies: {
      found: policies.value?.map(({ metadata, direction, binding }) => ({
        name: metadata.name,
        direction,
        creationTimestamp: metadata.creationTimestamp,
        binding,
      })),
      problem: policies.problem?.message,
    },
    namespace: { labels: read.namespaceLabels.value, problem: read.namespaceLabels.problem?.message },
    sendings,
    counters: { ...read.counters.value, problem: read.counters.problem?.message },
    verdict,
  };
}
