import type { Panel } from '../dashboard.ts';
import { INK, text, widthOf } from './svg.ts';
import type { Series, Size } from './time-series.ts';
import { formatValue } from './units.ts';

/** Grafana's colors for thresholds in its light theme. */
const COLORS: Readonly<Record<string, string>> = { green: '#1b855e', red: '#e0226e' };

const LARGEST = 28;

/** Draws the last value of each series, or its name, in the color of its threshold. */
export function drawStat({ width, height }: Size, panel: Panel, series: readonly Series[]): string {
  const { unit, thresholds, mappings = [] } = panel.fieldConfig.defaults;
  const line = (height - 36) / series.length;
  return series
    .map(({ name, points }, index) => {
      const value = points.findLast(([, at]) => at !== undefined)?.[1] ?? 0;
      const mapped = mappings.map(({ options }) => options[value]?.text).find(Boolean);
      const shown = panel.options.textMode === 'name' ? name : (mapped ?? formatValue(unit, value));
      const step = thresholds?.steps.findLast((each) => value >= (each.value ?? -Infinity));
      const size = Math.floor(Math.min(LARGEST, line, (width - 16) / widthOf(shown, 1)));
      return text(width / 2, 30 + (index + 0.5) * line + size / 3, shown, {
        ...{ size, weight: 500, anchor: 'middle', fill: COLORS[step?.color ?? 'green'] ?? INK },
      });
    })
    .join('\n');
}
