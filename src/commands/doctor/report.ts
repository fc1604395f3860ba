import { isDeepStrictEqual, styleText } from 'node:util';
import { type Check, type Fault, type Judgement, resultOf, SECTIONS, type Status } from '../../doctor/check.ts';
import type { DoctorOutput } from '../options/output-forms.ts';
import { formatDocument, type StructuredForm } from '../output/structured-output.ts';

/** The same on a terminal and in a file, so that users can quote the output; only colors are for terminals. */
const SYMBOLS: Readonly<Record<Status, { readonly symbol: string; readonly colour: Parameters<typeof styleText>[0] }>> =
  {
    ok: { symbol: '✓', colour: 'green' },
    note: { symbol: 'i', colour: 'cyan' },
    skipped: { symbol: '-', colour: 'dim' },
    warning: { symbol: '!', colour: 'yellow' },
    failure: { symbol: '✗', colour: 'red' },
  };

const CLASSES: Readonly<Record<Fault, string>> = {
  refused: 'refused',
  timeout: 'timeout',
  tls: 'TLS',
  'wrong-answer': 'wrong answer',
  forbidden: 'forbidden',
  missing: 'missing',
  changed: 'changed',
};

/** Formats all checks as one text. */
export function formatChecks(checks: readonly Check[], output: DoctorOutput, isColoured: boolean): string {
  return output === 'table' ? formatSections(checks, isColoured) : formatStructured(checks, output);
}

function formatStructured(checks: readonly Check[], form: StructuredForm): string {
  return formatDocument(form, { result: resultOf(checks), checks: checks.map(withoutNothing) });
}

/** YAML would print null for missing fields. */
function withoutNothing(check: Check): object {
  return Object.fromEntries(Object.entries(check).filter(([, value]) => value !== undefined));
}

function formatSections(checks: readonly Check[], isColoured: boolean): string {
  const sections = SECTIONS.map((section) => {
    const judgements = checks.filter((check) => check.section === section);
    if (judgements.length === 0) return '';
    const head = isColoured ? styleText('bold', section) : section;
    return `${head}\n${advisedOnce(judgements)
      .map((judgement) => formatJudgement(judgement, isColoured))
      .join('')}\n`;
  });
  return `${sections.join('')}${summary(checks)}\n`;
}

/** If consecutive judgements have the same advice, only the last one keeps it. */
function advisedOnce(judgements: readonly Judgement[]): Judgement[] {
  return judgements.map((judgement, index) => {
    const next = judgements[index + 1];
    const isSame = next?.advice === judgement.advice && isDeepStrictEqual(next?.details, judgement.details);
    return isSame ? { ...judgement, advice: undefined, details: undefined } : judgement;
  });
}

/** One line, followed by what to do. */
function formatJudgement(judgement: Judgement, isColoured: boolean): string {
  const { status, class: fault, message, advice, details = [] } = judgement;
  const { symbol, colour } = SYMBOLS[status];
  const mark = isColoured ? styleText(colour, symbol) : symbol;
  const first = `${mark} ${message}${fault ? `   [${CLASSES[fault]}]` : ''}\n`;
  return first + [...details, ...(advice === undefined ? [] : [advice])].map((line) => `    ${line}\n`).join('');
}

function summary(checks: readonly Check[]): string {
  const counted = (['failure', 'warning', 'skipped'] as const)
    .map((status) => ({ status, count: checks.filter((check) => check.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => (status === 'skipped' || count === 1 ? `${count} ${status}` : `${count} ${status}s`));
  const result = { ok: 'no problems found', warning: 'problems found', failure: 'problems found' }[resultOf(checks)];
  return counted.length === 0 ? result : `${result}: ${counted.join(', ')}`;
}
