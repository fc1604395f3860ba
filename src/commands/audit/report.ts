import { GATEWAY_LABELS } from '../../admission/gateway.ts';
import type { Engine } from '../../installation/installation.ts';
import type { AuditSummary } from '../../objects/audit.ts';
import type { Finding } from '../../objects/finding.ts';
import type { StoredMetadata } from '../../objects/stored-object.ts';
import type { AuditOutput } from '../options/output-forms.ts';
import { printableAge } from '../output/age.ts';
import { buildListDocument } from '../output/list-document.ts';
import { findingFacts, gatewayName, ownerOf, resourceName } from '../output/object-facts.ts';
import type { StructuredForm } from '../output/structured-output.ts';
import { buildTable, formatTable, paragraphs } from '../output/table.ts';
import { formatOverlaps, formatWakes } from '../output/wakes.ts';

/** In place of a summary: why the audit ended early. */
interface CutShort {
  readonly error: string;
}

/** A summary, and the engine that labels new objects; undefined if it cannot be read. */
type Audited = AuditSummary & { readonly engine: Engine | undefined };

/** Formats findings as they come; `end()` returns the rest. */
export interface AuditReport {
  readonly add: (finding: Finding) => string;
  readonly end: (summary: Audited | CutShort) => string;
}

export interface AuditForm {
  readonly output: AuditOutput;
  /** Whether a table has more than its rows. */
  readonly headers: boolean;
}

/** Builds the report for one form of output. Ages are relative to `now`. */
export function buildAuditReport({ output, headers }: AuditForm, now: Date): AuditReport {
  if (output === 'table' || output === 'wide') return tableReport(output === 'wide', headers, now);
  if (output === 'name') return { add: ({ object }) => `${resourceName(object)}\n`, end: () => '' };
  return structuredReport(output);
}

function tableReport(isWide: boolean, hasHeaders: boolean, now: Date): AuditReport {
  const columns = ['NAMESPACE', 'KIND', 'NAME', 'REASON', 'GATEWAY', 'AGE', 'OWNER'];
  const table = buildTable(isWide ? [...columns, ...LABEL_COLUMNS] : columns, hasHeaders);
  let hasRows = false;
  return {
    add: ({ object, decision }) => {
      hasRows = true;
      const { namespace, name, creationTimestamp } = object.metadata;
      const age = printableAge(creationTimestamp, now);
      const row = [namespace, object.kind, name, decision.reason, gatewayName(object), age, ownerOf(object) ?? ''];
      return table.add(isWide ? [...row, ...labelValues(object.metadata)] : row);
    },
    end: (summary) => {
      const hasSummary = hasHeaders && !('error' in summary);
      return table.end() + paragraphs(hasSummary ? formatSummary(summary) : [], hasRows);
    },
  };
}

const LABELS = Object.values(GATEWAY_LABELS);

/** Named as `kubectl get -L` names them. */
const LABEL_COLUMNS = LABELS.map((key) => key.slice(key.indexOf('/') + 1).toUpperCase());

function labelValues({ labels }: StoredMetadata): string[] {
  return LABELS.map((key) => labels?.[key] ?? '-');
}

/** The sections after the findings; a section without content is empty. */
function formatSummary(summary: AuditSummary): string[] {
  const { reasons, ambiguousNames, otherImplementations, hasMergedFleet } = summary;
  const counts = Object.entries(reasons).map(([reason, count]) => [reason, String(count)]);
  const names = ambiguousNames.map(({ namespace, name, gatewayNamespaces }) => [
    namespace,
    name,
    gatewayNamespaces.map((gateway) => `${gateway}/${name}`).join(', '),
  ]);
  const others = Object.entries(otherImplementations).map(([manager, count]) => `${manager} (${count})`);
  return [
    counts.length > 0 ? formatTable([['REASON', 'OBJECTS'], ...counts]) : '',
    formatWakes(summary.wakes),
    formatOverlaps(summary.overlaps),
    names.length > 0 ? formatTable([['NAMESPACE', 'AMBIGUOUS NAME', 'GATEWAYS'], ...names]) : '',
    others.length > 0
      ? `Objects of other implementations would get Envoy Gateway's label: ${others.join(', ')}. Use --reverse managed to leave them alone.\n`
      : '',
    hasMergedFleet
      ? 'There is a merged fleet of Envoy Gateway. It belongs to no single Gateway, so nothing is added to it.\n'
      : '',
  ];
}

function structuredReport(form: StructuredForm): AuditReport {
  const document = buildListDocument(form, 'findings');
  return { add: (finding) => document.add(findingFacts(finding)), end: document.end };
}
