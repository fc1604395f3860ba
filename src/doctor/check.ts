/** What is looked at, in this order: from what all else needs to what all of it is for. */
export const SECTIONS = [
  'kubernetes-api',
  'permissions',
  'configuration',
  'policies',
  'endpoints',
  'certificates',
  'call',
  'objects',
  'sunset',
] as const;
export type Section = (typeof SECTIONS)[number];

/** What is wrong, as far as one who only asks can tell it apart. `changed`: not as the chart made it. */
export type Fault = 'refused' | 'timeout' | 'tls' | 'wrong-answer' | 'forbidden' | 'missing' | 'changed';

export type Status = 'ok' | 'note' | 'skipped' | 'warning' | 'failure';

/** What comes of one look. */
export interface Judgement {
  /** For machines: of a section, each stands for one thing that is looked at. */
  readonly name: string;
  readonly status: Status;
  readonly class?: Fault | undefined;
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string | undefined;
  /** Lines of their own: examples, likely causes, commands. */
  readonly details?: readonly string[] | undefined;
}

export interface Check extends Judgement {
  readonly section: Section;
}

/** Puts judgements under the head of their section. */
export function checksOf(section: Section, judgements: readonly Judgement[]): Check[] {
  return judgements.map((judgement) => ({ section, ...judgement }));
}

export type Result = 'ok' | 'warning' | 'failure';

/** The worst that there is. What was skipped, and notes, are no findings. */
export function resultOf(judgements: readonly Judgement[]): Result {
  const worst = (['failure', 'warning'] as const).find((bad) => judgements.some(({ status }) => status === bad));
  return worst ?? 'ok';
}
