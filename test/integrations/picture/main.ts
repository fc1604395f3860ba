import { writeFile } from 'node:fs/promises';
import { NAME } from '../../e2e/installation.ts';
import { readSettings } from '../../e2e/settings.ts';
import { dashboardPanels } from '../dashboard.ts';
import { SCRAPE_SECONDS } from '../scrapes.ts';
import { watchedInstallation } from '../watched-installation.ts';
import { drawDashboard } from './dashboard-svg.ts';
import { eventfulRun } from './eventful-run.ts';
import { seriesOf } from './series.ts';

const FILE = new URL('../../../docs/dashboard.svg', import.meta.url);
const NAMESPACE = `${NAME}-picture`;

/** About one point for every two pixels of a panel. */
const STEP_SECONDS = 3;

/** As Grafana computes it from the step and the scrape interval. */
const RATE_SECONDS = Math.max(STEP_SECONDS + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS);

const settings = readSettings();
await using watched = await watchedInstallation({ settings, namespace: NAMESPACE, engine: 'webhook' });
const { start, end, events } = await eventfulRun({ watched, settings, namespace: NAMESPACE });

const seconds = Math.floor((end - start) / STEP_SECONDS) * STEP_SECONDS;
const range = { start, end: start + seconds, step: STEP_SECONDS };
const panels = await Promise.all(
  dashboardPanels({ range: `${seconds}s`, rateInterval: `${RATE_SECONDS}s` }).map(async (panel) => ({
    panel,
    series: await seriesOf(panel, watched.prometheus, range),
  })),
);
const subtitle = `namespace: ${NAME}, release: ${NAME}, last ${Math.round(seconds / 60)} minutes`;
const timeline = { seconds, events: events.map((at) => at - start) };
await writeFile(FILE, drawDashboard({ title: NAME, subtitle, timeline, panels }));
