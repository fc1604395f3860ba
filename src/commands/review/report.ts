import type { EncodedStream } from '../../manifests/encoding.ts';
import type { Problem, ReviewedPart } from '../../manifests/manifest.ts';
import type { ReviewedObject } from '../../manifests/objects.ts';
import type { ReviewOutput } from '../options/output-forms.ts';
import { buildListDocument } from '../output/list-document.ts';
import { buildTable } from '../output/table.ts';
import { buildManifestWriter } from './manifest-writer.ts';

interface ReviewTotals {
  readonly objects: number;
  /** Objects that are missing a label. */
  readonly missing: number;
  readonly errors: number;
}

/** What to print for a part of a stream, and the problems with it. */
interface ReportedPart {
  readonly output: string | Uint8Array;
  readonly problems: readonly Problem[];
}

/** Turns reviewed manifests into what is printed, as they come. */
export interface Report {
  /** Begins an input. */
  readonly begin: (name: string, stream: EncodedStream) => string | Uint8Array;
  readonly add: (part: ReviewedPart) => ReportedPart;
  /** Ends an input; `incomplete` is the rest of it. */
  readonly endInput: (incomplete: Uint8Array) => string | Uint8Array;
  readonly end: (totals: ReviewTotals) => string;
}

/** Builds the report for one form of output. */
export function buildReport(
  { output, headers }: { readonly output: ReviewOutput; readonly headers: boolean },
  hasFiles: boolean,
): Report {
  if (output === 'yaml') return buildManifestWriter();
  return output === 'json' ? jsonReport() : tableReport(hasFiles, headers);
}

function tableReport(hasFiles: boolean, hasHeader: boolean): Report {
  const header = ['KIND', 'NAMESPACE/NAME', 'REASON', 'ADDS'];
  const table = buildTable(hasFiles ? ['FILE', ...header] : header, hasHeader);
  return decisionReport({
    add: (file, { objects }) =>
      table.add(...objects.map((object) => (hasFiles ? [file, ...tableRow(object)] : tableRow(object)))),
    end: table.end,
  });
}

function tableRow({ kind, namespace, name, generateName, decision }: ReviewedObject): string[] {
  const { add } = decision;
  const ownName = name ?? (generateName === undefined ? '(no name)' : `${generateName}*`);
  return [kind, namespace ? `${namespace}/${ownName}` : ownName, decision.reason, add ? `${add.key}=${add.value}` : ''];
}

/** As `audit -o json` has it: a document of a list, an object a line. */
function jsonReport(): Report {
  const document = buildListDocument('json', 'objects');
  return decisionReport({
    add: (file, part) => part.objects.map((object) => document.add(objectFacts(file, part, object))).join(''),
    end: ({ missing, errors }) => document.end({ missing, errors }),
  });
}

function objectFacts(file: string, { document, lineOf }: ReviewedPart, object: ReviewedObject) {
  const { kind, namespace, name, generateName, decision } = object;
  const add = decision.add && { [decision.add.key]: decision.add.value };
  return { kind, namespace, name, generateName, reason: decision.reason, add, file, document, line: lineOf(object) };
}

/** A report of decisions alone. */
function decisionReport(decisions: {
  readonly add: (file: string, part: ReviewedPart) => string;
  readonly end: (totals: ReviewTotals) => string;
}): Report {
  let file = '';
  return {
    begin: (name) => {
      file = name;
      return '';
    },
    add: (part) => ({ output: decisions.add(file, part), problems: [] }),
    endInput: () => '',
    end: decisions.end,
  };
}
