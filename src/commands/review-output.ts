import { addLabel } from '../admission/patch.ts';
import type { SourceDocument } from '../manifests/documents.ts';
import type { ReviewedDocument } from '../manifests/manifest.ts';
import type { ReviewedObject } from '../manifests/objects.ts';
import { buildTable } from './table.ts';

export const OUTPUTS = ['table', 'json', 'yaml', 'patch'] as const;
export type Output = (typeof OUTPUTS)[number];

/** A document, what was made of it, and where it stood. */
export interface ReviewedSource {
  readonly file: string;
  readonly document: SourceDocument;
  readonly reviewed: ReviewedDocument;
}

/** Turns reviewed documents into text as they come; `end()` gives what is left at the end. */
export interface Report {
  readonly add: (source: ReviewedSource) => string;
  readonly end: () => string;
}

/** Builds the report for one form of output. */
export function buildReport(output: Output): Report {
  return { table: buildDecisionTable, json: buildJson, yaml: buildYaml, patch: buildPatches }[output]();
}

function buildDecisionTable(): Report {
  const { add, end } = buildTable(['KIND', 'NAMESPACE/NAME', 'REASON', 'ADDS']);
  return { add: ({ reviewed }) => add(...objectsOf(reviewed).map(tableRow)), end };
}

function tableRow({ kind, namespace, name, generateName, decision }: ReviewedObject): string[] {
  const { add } = decision;
  const ownName = name ?? (generateName === undefined ? '(no name)' : `${generateName}*`);
  return [kind, namespace ? `${namespace}/${ownName}` : ownName, decision.reason, add ? `${add.key}=${add.value}` : ''];
}

function buildJson(): Report {
  let separator = '[\n';
  return {
    add: ({ file, document, reviewed }) =>
      objectsOf(reviewed)
        .map(({ kind, namespace, name, generateName, decision: { reason, add } }) => {
          const labels = add && { [add.key]: add.value };
          const facts = { kind, namespace, name, generateName, reason, add: labels, file, document: document.number };
          const text = `${separator}  ${JSON.stringify(facts)}`;
          separator = ',\n';
          return text;
        })
        .join(''),
    end: () => (separator === '[\n' ? '[]\n' : '\n]\n'),
  };
}

/** One JSON Patch a line, in the order of the objects: `[]` where nothing is missing. */
function buildPatches(): Report {
  return {
    add: ({ reviewed }) =>
      objectsOf(reviewed)
        .map(({ decision: { add } }) => `${JSON.stringify(add ? addLabel(add) : [])}\n`)
        .join(''),
    end: () => '',
  };
}

/** The documents as they came but for the labels; one that cannot be read passes unchanged, so that nothing is lost. */
function buildYaml(): Report {
  let last = '';
  let file: string | undefined;
  return {
    add: (source) => {
      const { document, reviewed } = source;
      const text = 'problem' in reviewed ? document.text : reviewed.labelled();
      const isNextFile = file !== undefined && file !== source.file;
      const lineEnd = isNextFile && !last.endsWith('\n') ? '\n' : '';
      const marker = isNextFile && !text.startsWith('---') ? '---\n' : '';
      last = text;
      file = source.file;
      return lineEnd + marker + text;
    },
    end: () => '',
  };
}

function objectsOf(reviewed: ReviewedDocument): readonly ReviewedObject[] {
  return 'problem' in reviewed ? [] : reviewed.objects;
}
