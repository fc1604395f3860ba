/** What is checked, in this order: from what everything else needs to the purpose of it all. */
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

/** The classes of problems that can be distinguished from outside. `changed`: not as it was installed. */
export type Fault = 'refused' | 'timeout' | 'tls' | 'wrong-answer' | 'forbidden' | 'missing' | 'changed';

export type Status = 'ok' | 'note' | 'skipped' | 'warning' | 'failure';

/** The result of one check. */
export interface Judgement {
  /** For machines: identifies a check within its section. */
  readonly name: string;
  readonly status: Status;
  readonly class?: Fault | undefined;
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string | undefined;
  /** Additional lines: examples, likely causes, commands. */
  readonly details?: readonly string[] | undefined;
}

export interface Check extends Judgement {
  readonly section: Section;
}

/** Assigns judgements to their section. */
export function checksOf(section: Section, judgements: readonly Judgement[]): Check[] {
  return judgements.map((judgement) => ({ section, ...judgement }));
}

export type Result = 'ok' | 'warning' | 'failure';

/** The worst status; skipped checks and notes do not count. */
export function resultOf(judgements: readonly Judgement[]): Result {
  const worst = (['failure', 'warning'] as const).find((bad) => judgements.some(({ status }) => status === bad));
  return worst ?? 'ok';
}
