import type { Panel } from '../dashboard.ts';
import { drawStat } from './stat.ts';
import { INK, text } from './svg.ts';
import { drawTimeSeries, type Series, type Timeline } from './time-series.ts';

/** About the width that GitHub shows. */
const WIDTH = 960;

/** Grafana's grid: 24 columns, rows of 30 px, 8 px between panels. */
const COLUMNS = 24;
const ROW = 38;
const GAP = 8;

const MARGIN = 12;
const HEADER = 36;

interface DrawnPanel {
  readonly panel: Panel;
  readonly series: readonly Series[];
}

interface Picture {
  readonly title: string;
  readonly subtitle: string;
  readonly timeline: Timeline;
  readonly panels: readonly DrawnPanel[];
}

/** Draws a dashboard with Grafana's layout and the colors of its light theme. */
export function drawDashboard({ title, subtitle, timeline, panels }: Picture): string {
  const rows = Math.max(...panels.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h));
  const height = HEADER + rows * ROW - GAP + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="Inter, Helvetica, Arial, sans-serif">`,
    `<title>The dashboard ${title}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#f4f5f5"/>`,
    text(MARGIN, 24, title, { size: 15, fill: INK, weight: 500 }),
    text(WIDTH - MARGIN, 24, subtitle, { size: 11, anchor: 'end' }),
    ...panels.map((each) => drawPanel(each, timeline)),
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ panel, series }: DrawnPanel, timeline: Timeline): string {
  const column = (WIDTH - 2 * MARGIN + GAP) / COLUMNS;
  const { x, y, w, h } = panel.gridPos;
  const size = { width: Math.round(w * column - GAP), height: h * ROW - GAP };
  const content = panel.type === 'stat' ? drawStat(size, panel, series) : drawTimeSeries(size, panel, series, timeline);
  return [
    `<g transform="translate(${Math.round(MARGIN + x * column)} ${HEADER + y * ROW})" fill="none" stroke-width="1.25" stroke-linejoin="round" stroke-linecap="round">`,
    `<rect width="${size.width}" height="${size.height}" rx="2" fill="#fff" stroke="#dfe1e4" stroke-width="1"/>`,
    text(12, 21, panel.title, { size: 12, fill: INK, weight: 500 }),
    content,
    '</g>',
  ].join('\n');
}
