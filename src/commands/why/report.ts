import type { EntryCounters } from '../../installation/counters.ts';
import { printableAge } from '../output/age.ts';
import { formatDocument } from '../output/structured-output.ts';
import { formatTable } from '../output/table.ts';
import type { EntrySending, LabelOrigin, LiveReview } from './live-review.ts';
import { verdictOf } from './verdict.ts';

export type LiveOutput = 'table' | 'json' | 'yaml';

/** Formats the review of a live object and the verdict. `name` is of the MutatingWebhookConfiguration. */
export function formatLiveReview(review: LiveReview, name: string, output: LiveOutput, now: Date): string {
  const verdict = verdictOf(review, name);
  if (output !== 'table') return formatDocument(output, factsOf(review, name, verdict));
  const { labels, sendings, counters } = review;
  return [
    summary(review, name, now),
    labelTable(labels),
    ...(sendings.length > 0 ? [sendingTable(sendings)] : []),
    ...(counters.value?.entries.length ? [counterTable(counters.value.entries, counters.value.since)] : []),
    ...problems(review),
    `Verdict: ${verdict}.\n`,
  ].join('\n');
}

function summary(
  { object: { kind, metadata }, decision, configuration, policies }: LiveReview,
  name: string,
  now: Date,
): string {
  const { namespace, creationTimestamp } = metadata;
  const missing = decision.add ? `, as it lacks ${decision.add.key}=${decision.add.value}` : '';
  const { creationTimestamp: configured, changedAt } = configuration.value ?? {};
  const changed = changedAt === undefined ? '' : `, changed ${changedAt}`;
  return [
    `${kind} ${namespace}/${metadata.name}, created ${creationTimestamp} (${printableAge(creationTimestamp, now)} ago)\n`,
    `${decision.reason}${missing}\n`,
    ...(configured === undefined ? [] : [`MutatingWebhookConfiguration ${name}, created ${configured}${changed}\n`]),
    ...(policies.value ?? []).map(
      ({ metadata: { name, creationTimestamp }, binding }) =>
        `MutatingAdmissionPolicy ${name}, created ${creationTimestamp}, binding ${binding}\n`,
    ),
  ].join('');
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

function problems({ namespaceLabels, configuration, counters, policies }: LiveReview): string[] {
  const found = [namespaceLabels, configuration, counters, policies].flatMap(({ problem }) => problem ?? []);
  return found.length > 0
    ? [`Problems\n${found.map((problem) => `  ${problem.replaceAll('\n', '\n  ')}\n`).join('')}`]
    : [];
}

function factsOf(
  { object, decision, labels, configuration, sendings, ...read }: LiveReview,
  name: string,
  verdict: string,
) {
  const { namespace, name: own, creationTimestamp } = object.metadata;
  const { value, problem } = configuration;
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
      name,
      exists: value !== undefined,
      creationTimestamp: value?.creationTimestamp,
      changedAt: value?.changedAt,
      problem,
    },
    policies: {
      found: read.policies.value?.map(({ metadata, direction, binding }) => ({
        name: metadata.name,
        direction,
        creationTimestamp: metadata.creationTimestamp,
        binding,
      })),
      problem: read.policies.problem,
    },
    namespace: { labels: read.namespaceLabels.value, problem: read.namespaceLabels.problem },
    sendings,
    counters: { ...read.counters.value, problem: read.counters.problem },
    verdict,
  };
}
