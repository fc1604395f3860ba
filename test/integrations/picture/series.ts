import type { Panel } from '../dashboard.ts';
import type { Prometheus, Sample } from '../prometheus.ts';
import type { Series } from './time-series.ts';

/** The times of all points, in seconds since the Unix epoch. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Returns the series of a panel. Rejects if one of its queries returns no data. */
export async function seriesOf(panel: Panel, prometheus: Prometheus, range: TimeRange): Promise<readonly Series[]> {
  const found = await Promise.all(
    panel.targets.map(async ({ expr, legendFormat }) => {
      const samples = await prometheus.queryRange(expr, range.start, range.end, range.step);
      const series = samples.map((sample) => ({
        name: nameOf(panel, legendFormat, sample),
        points: pointsOf(sample, range),
      }));
      if (!series.some(({ points }) => points.some(([, value]) => value !== undefined)))
        throw new Error(`Cannot draw ${panel.title}: this query returns no data: ${expr}`);
      return series;
    }),
  );
  return found.flat();
}

/** Returns the text for the legend: `legendFormat` with labels, renamed by the panel's transformations. */
function nameOf({ transformations = [] }: Panel, legendFormat: string, { metric }: Sample): string {
  return transformations.reduce(
    (name, { options }) => name.replace(new RegExp(options.regex), options.renamePattern),
    legendFormat.replaceAll(/{{(\w+)}}/g, (_, label) => metric[label] ?? ''),
  );
}

/** Returns a point for each step. It has no value if the query returned none, or NaN. */
function pointsOf({ values }: Sample, { start, end, step }: TimeRange): Series['points'] {
  const byTime = new Map(values.map(([at, value]) => [Math.round(at - start), Number(value)]));
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => {
    const value = byTime.get(index * step);
    return [index * step, Number.isFinite(value) ? value : undefined];
  });
}
