/** A unit to display, as a multiple of Grafana's unit. */
interface Unit {
  readonly factor: number;
  readonly suffix: string;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The units of the dashboard by Grafana's names, from the smallest to the largest. */
const UNITS: Readonly<Record<string, readonly Unit[]>> = {
  short: [{ factor: 1, suffix: '' }],
  reqps: [{ factor: 1, suffix: ' req/s' }],
  bytes: [
    { factor: 1, suffix: ' B' },
    { factor: 2 ** 20, suffix: ' MiB' },
  ],
  s: [
    { factor: 1e-6, suffix: ' µs' },
    { factor: 1e-3, suffix: ' ms' },
    { factor: 1, suffix: ' s' },
    { factor: 60, suffix: ' min' },
    { factor: HOUR, suffix: ' hours' },
    { factor: DAY, suffix: ' days' },
    { factor: 7 * DAY, suffix: ' weeks' },
    { factor: 365 * DAY, suffix: ' years' },
  ],
};

/** Returns the largest unit in which the value is at least 1. */
export function unitFor(name: string, value: number): Unit {
  const units = UNITS[name];
  if (!units) throw new Error(`Cannot draw values of the unit ${name}`);
  return (
    units.findLast(({ factor }) => value >= factor) ?? {
      factor: 1,
      suffix: units.length > 1 ? '' : (units[0]?.suffix ?? ''),
    }
  );
}

/** Formats a value with three significant digits and its unit. */
export function formatValue(name: string, value: number): string {
  const { factor, suffix } = unitFor(name, value);
  return `${Number((value / factor).toPrecision(3))}${suffix}`;
}
