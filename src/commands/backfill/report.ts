import type { Change } from '../../objects/backfill.ts';
import type { OverlapSummary, WakeSummary } from '../../objects/wake-summary.ts';
import type { BackfillOutput } from '../options/output-forms.ts';
import { buildListDocument } from '../output/list-document.ts';
import { findingFacts, resourceName } from '../output/object-facts.ts';
import type { StructuredForm } from '../output/structured-output.ts';
import { buildTable, paragraphs } from '../output/table.ts';
import { formatOverlaps, formatWakes } from '../output/wakes.ts';

/** The number of objects for each outcome. */
export type Counts = Readonly<Record<Change['outcome'], number>>;

export interface BackfillSummary {
  readonly dryRun: boolean;
  readonly counts: Counts;
  /** What the labels would make select Pods, or stop selecting them; only for a dry run. */
  readonly wakes: readonly WakeSummary[];
  readonly overlaps: readonly OverlapSummary[];
  /** Why the run ended early; undefined if it did not. */
  readonly error: string | undefined;
}

/** Formats changes as they come; `end()` returns the rest, also for a run that ended early. */
export interface BackfillReport {
  readonly add: (change: Change) => string;
  readonly end: (summary: BackfillSummary) => string;
}

interface TableOptions {
  readonly dryRun: boolean;
  /** Whether the table has more than its rows. */
  readonly headers: boolean;
}

/** Builds the report for one form of output. */
export function buildBackfillReport(output: Exclude<BackfillOutput, 'log'>, options: TableOptions): BackfillReport {
  if (output === 'table') return tableReport(options);
  if (output === 'name') return nameReport();
  return structuredReport(output);
}

function tableReport({ dryRun, headers }: TableOptions): BackfillReport {
  const table = buildTable(['NAMESPACE', 'KIND', 'NAME', 'OUTCOME', 'LABEL'], headers);
  let hasRows = false;
  return {
    add: (change) => {
      if (change.outcome === 'settled') return '';
      hasRows = true;
      const { namespace, name } = change.object.metadata;
      const { add } = change.decision;
      const last = 'detail' in change ? change.detail : `${add.key}=${add.value}`;
      const outcome = dryRun ? `${change.outcome} (dry run)` : change.outcome;
      return table.add([namespace, change.object.kind, name, outcome, last]);
    },
    end: ({ wakes, overlaps }) =>
      table.end() + paragraphs(headers ? [formatWakes(wakes), formatOverlaps(overlaps)] : [], hasRows),
  };
}

function nameReport(): BackfillReport {
  return {
    add: ({ object, outcome }) => (outcome === 'added' ? `${resourceName(object)}\n` : ''),
    end: () => '',
  };
}

function structuredReport(form: StructuredForm): BackfillReport {
  const document = buildListDocument(form, 'changes');
  return {
    add: (change) => {
      const detail = 'detail' in change ? change.detail : undefined;
      return document.add({ outcome: change.outcome, detail, ...findingFacts(change) });
    },
    end: document.end,
  };
}
