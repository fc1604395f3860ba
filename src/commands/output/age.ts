interface Unit {
  readonly seconds: number;
  readonly letter: string;
}

const SECOND = { seconds: 1, letter: 's' };
const MINUTE = { seconds: 60, letter: 'm' };
const HOUR = { seconds: 3_600, letter: 'h' };
const DAY = { seconds: 86_400, letter: 'd' };
const YEAR = { seconds: 365 * 86_400, letter: 'y' };

interface Form {
  readonly unit: Unit;
  /** The unit for the remainder, if it is at least one. */
  readonly rest?: Unit;
}

/** How kubectl formats ages, by their upper bound in seconds (`HumanDuration` of k8s.io/apimachinery). */
const FORMS: readonly (Form & { readonly before: number })[] = [
  { before: 2 * MINUTE.seconds, unit: SECOND },
  { before: 10 * MINUTE.seconds, unit: MINUTE, rest: SECOND },
  { before: 3 * HOUR.seconds, unit: MINUTE },
  { before: 8 * HOUR.seconds, unit: HOUR, rest: MINUTE },
  { before: 2 * DAY.seconds, unit: HOUR },
  { before: 8 * DAY.seconds, unit: DAY, rest: HOUR },
  { before: 2 * YEAR.seconds, unit: DAY },
  { before: 8 * YEAR.seconds, unit: YEAR, rest: DAY },
];
const OLDEST: Form = { unit: YEAR };

/**
 * Says how long ago a time was, as kubectl does: `45s`, `5m30s`, `3h`, `12d`. A time less than two seconds
 * in the future is `0s`, since clocks differ; a later one is `<invalid>`.
 */
export function printableAge(since: string, now: Date): string {
  const seconds = Math.trunc((now.getTime() - Date.parse(since)) / 1000);
  if (seconds < -1) return '<invalid>';
  return printableDuration(Math.max(seconds, 0));
}

/** Says how long something takes, in the same form. */
export function printableDuration(seconds: number): string {
  const { unit, rest }: Form = FORMS.find(({ before }) => seconds < before) ?? OLDEST;
  const text = `${Math.floor(seconds / unit.seconds)}${unit.letter}`;
  if (!rest) return text;
  const left = Math.floor((seconds % unit.seconds) / rest.seconds);
  return left > 0 ? `${text}${left}${rest.letter}` : text;
}
