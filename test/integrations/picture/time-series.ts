import { scaleLinear } from 'd3-scale';
import { line as lineShape } from 'd3-shape';
import type { Panel } from '../dashboard.ts';
import { drawLegend, LEGEND_LINE, legendRows } from './legend.ts';
import { line, text, widthOf } from './svg.ts';
import { unitFor } from './units.ts';

/** A line of a panel, with a point for each step. A point without a value is a gap. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

type Point = readonly [seconds: number, value: number | undefined];

/** The length of the time axis, and the times at which numbered events are marked, in seconds. */
export interface Timeline {
  readonly seconds: number;
  readonly events: readonly number[];
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Similar to Grafana's colors, but dark enough for thin lines on white. */
const COLORS = ['#56a64b', '#e0b400', '#3274d9', '#ff780a', '#e02f44', '#a352cc', '#8f6b4a', '#7b8794'];

const GRID = '#e9eaec';
const MARK = '#c3c8ce';

/** Below the title. */
const TOP = 44;
const EDGE = 12;
const TIME_LABELS = 20;

/** Draws lines over time, with axes, events and a legend. */
export function drawTimeSeries(
  { width, height }: Size,
  panel: Panel,
  series: readonly Series[],
  { seconds, events }: Timeline,
): string {
  const colored = series.map((each, index) => ({ ...each, color: COLORS[index % COLORS.length] ?? '' }));
  const rows = legendRows(colored, width - 2 * EDGE);
  const bottom = height - rows.length * LEGEND_LINE - 8 - TIME_LABELS;

  const largest = Math.max(...series.flatMap(({ points }) => points.map(([, value]) => value ?? 0)));
  const { factor, suffix } = unitFor(panel.fieldConfig.defaults.unit, largest);
  const y = scaleLinear([0, largest / factor || 1], [bottom, TOP]).nice(4);
  const ticks = y.ticks(4).map((tick) => ({ tick, label: tick === 0 ? `0${suffix}` : `${tick}${suffix}` }));
  const left = EDGE + 6 + Math.max(...ticks.map(({ label }) => widthOf(label)));
  const x = scaleLinear([0, seconds], [left, width - EDGE]);
  const minutes = Array.from({ length: Math.floor(seconds / 60) + 1 }, (_, minute) => minute);

  const shape = lineShape<Point>()
    .digits(1)
    .defined(([, value]) => value !== undefined)
    .x(([at]) => x(at))
    .y(([, value = 0]) => y(value / factor));
  return [
    ...ticks.flatMap(({ tick, label }) => [
      line(left, y(tick), width - EDGE, y(tick), GRID),
      text(left - 6, y(tick) + 3.5, label, { anchor: 'end' }),
    ]),
    ...minutes.flatMap((minute) => [
      line(x(minute * 60), TOP, x(minute * 60), bottom, GRID),
      text(x(minute * 60), bottom + 14, `${minute} min`, { anchor: 'middle' }),
    ]),
    ...events.flatMap((at, index) => [
      line(x(at), TOP, x(at), bottom, MARK, 1, '2 2'),
      text(x(at), TOP - 4, `${index + 1}`, { size: 9, anchor: 'middle' }),
    ]),
    ...colored.map(({ points, color }) => `<path d="${shape(points)}" stroke="${color}"/>`),
    drawLegend(rows, EDGE, bottom + TIME_LABELS + LEGEND_LINE),
  ].join('\n');
}
