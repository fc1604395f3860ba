import { writeFile } from 'node:fs/promises';
import type { Reverse } from '../../admission/gateway.ts';
import { reverseOf } from '../../installation/installation.ts';
import { backfill as backfillObjects, type Change } from '../../objects/backfill.ts';
import { inspectLacking } from '../../objects/inspect.ts';
import { SELECTING_KINDS, type SelectingKind } from '../../objects/object-store.ts';
import { PodSelectors } from '../../objects/pod-selectors.ts';
import type { Right } from '../../objects/right.ts';
import { Wakes } from '../../objects/wake-summary.ts';
import type { Context } from '../context.ts';
import { BadUsage } from '../options/bad-usage.ts';
import { effectiveReverse } from '../options/effective-reverse.ts';
import type { BackfillOutput } from '../options/output-forms.ts';
import { BACKFILL_RIGHTS, DRY_RUN_RIGHTS, LIST_NAMESPACES } from '../options/rights.ts';
import { type Objects, type ObjectsTexts, withObjects } from '../options/scoped-cluster.ts';
import type { ServeSettings } from '../options/serve-settings.ts';
import { counted } from '../output/counted.ts';
import { type Progress, startProgress } from './progress-bar.ts';
import type { Counts } from './report.ts';
import { openBackfillSink } from './sink.ts';

export interface BackfillTexts extends ObjectsTexts {
  readonly output: BackfillOutput;
  /** Whether a table has more than its rows. */
  readonly headers: boolean;
  readonly dryRun: boolean;
  /** Whether to label Pods that would then match several PodDisruptionBudgets. */
  readonly acceptPdbOverlap: boolean;
  readonly qps: number;
  readonly concurrency: number;
  readonly logLevel: ServeSettings['logLevel'];
  /** The file to write a one-line summary to. */
  readonly summaryFile?: string;
}

const INTERRUPTED = 'interrupted';

/**
 * Adds missing labels to the objects of the cluster. Returns the exit code: 0, or 1 if some are still missing: objects that
 * were skipped, that the API server refused to change, or that an interruption left for the next run.
 */
export async function backfill(texts: BackfillTexts, context: Context): Promise<0 | 1> {
  const signal = context.interruption();
  const counts = { added: 0, settled: 0, skipped: 0, failed: 0 };
  try {
    const { environment } = context;
    await withObjects(texts, { command: 'backfill', rights: rightsOf(texts), environment, signal }, (objects) =>
      addLabels(objects, { texts, context, counts, signal }),
    );
  } catch (error) {
    // An interruption makes reads in progress fail.
    if (!signal.aborted) throw error;
  }
  const summary = summarise(counts, texts.dryRun);
  const isNothing = counts.added + counts.skipped + counts.failed === 0;
  // An empty result is also reported without a terminal; `-o log` has a line of its own for it.
  if (context.stderr.isTTY || (isNothing && texts.output !== 'log')) context.stderr.write(`${summary}\n`);
  if (signal.aborted) context.stderr.write('interrupted: run the same command again to resume\n');
  if (texts.summaryFile !== undefined) {
    await writeFile(texts.summaryFile, `${summary}${signal.aborted ? `, ${INTERRUPTED}` : ''}\n`);
  }
  return signal.aborted || counts.skipped + counts.failed > 0 ? 1 : 0;
}

interface Run {
  readonly texts: BackfillTexts;
  readonly context: Context;
  readonly counts: { -readonly [Outcome in keyof Counts]: number };
  readonly signal: AbortSignal;
}

async function addLabels(objects: Objects, { texts, context, counts, signal }: Run): Promise<void> {
  const { store, scope, cluster } = objects;
  const { dryRun, acceptPdbOverlap, qps, concurrency } = texts;
  const reverse = texts.reverse ?? (await installedReverse(objects, texts, context));
  const selectors = await PodSelectors.read(store, scope, selectingKinds(texts));
  const wakes = new Wakes(selectors);
  const sink = await openBackfillSink(texts, context);
  // A Job has only one cluster, and prints log lines.
  if (!dryRun && texts.output !== 'log') context.stderr.write(`writing to ${cluster}\n`);
  let progress: Progress | undefined;
  const onChange = async (change: Change) => {
    counts[change.outcome] += 1;
    if (dryRun && change.outcome !== 'settled') wakes.add(change);
    await sink.change(change, () => progress?.clear());
    progress?.step();
  };
  const end = (error?: string) => {
    progress?.stop();
    return sink.end({ dryRun, counts, wakes: wakes.summaries, overlaps: wakes.overlaps, error });
  };
  try {
    // Log lines are written at any time, and would end up in the middle of the bar.
    if (context.stderr.isTTY && texts.output !== 'log') {
      progress = startProgress(context.stderr, await count(inspectLacking(store, scope, reverse)));
    }
    await backfillObjects({
      ...{ store, scope, reverse, dryRun, qps, concurrency, signal, onChange },
      selectors: acceptPdbOverlap ? undefined : selectors,
    });
  } catch (error) {
    await end(signal.aborted ? INTERRUPTED : (error as Error).message);
    throw error;
  }
  await end(signal.aborted ? INTERRUPTED : undefined);
}

/** Never guesses, because this could write unwanted labels. */
async function installedReverse(objects: Objects, texts: BackfillTexts, context: Context): Promise<Reverse> {
  const installation = await objects.installation(texts.webhookConfiguration);
  const problem = installation.configuration.problem ?? installation.policies.problem;
  if (problem && reverseOf(installation) === undefined) {
    if (problem.code !== 403) throw problem;
    throw new BadUsage(`Cannot read rule.reverse from the installation, set --reverse. ${problem.message}`);
  }
  return effectiveReverse(undefined, installation, context.stderr);
}

function rightsOf({ dryRun, allNamespaces, namespaceSelector }: BackfillTexts): readonly Right[] {
  const rights = dryRun ? DRY_RUN_RIGHTS : BACKFILL_RIGHTS;
  // A dry run reports NetworkPolicies, which may select Pods by the labels of their namespaces.
  return namespaceSelector || (dryRun && allNamespaces) ? [...rights, LIST_NAMESPACES] : rights;
}

/** The kinds to read: all of them for the report of a dry run, PodDisruptionBudgets to skip Pods. */
function selectingKinds({ dryRun, acceptPdbOverlap }: BackfillTexts): readonly SelectingKind[] {
  if (dryRun) return SELECTING_KINDS;
  return acceptPdbOverlap ? [] : ['PodDisruptionBudget'];
}

async function count(findings: ReturnType<typeof inspectLacking>): Promise<number> {
  let total = 0;
  for await (const { decision } of findings) if (decision.add) total += 1;
  return total;
}

function summarise({ added, skipped, failed }: Counts, dryRun: boolean): string {
  const undone = skipped + failed;
  return `${dryRun ? 'would add' : 'added'} ${counted(added, 'label')}, ${counted(undone, 'object')} still missing a label`;
}
