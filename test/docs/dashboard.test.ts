import { expect, test } from 'vitest';
import { readPage } from '../support/pages.ts';

const PICTURE = readPage('docs/dashboard.svg').text;
const { panels } = JSON.parse(readPage('charts/gateway-name-webhook/dashboards/gateway-name-webhook.json').text);
const TITLES: readonly string[] = panels.map(({ title }: { title: string }) => title);

test('the picture of the dashboard has its panels: otherwise, npm run picture', () => {
  const titles = [...PICTURE.matchAll(/<text [^>]*y="21"[^>]*>([^<]*)</g)].map(([, title]) => title);
  expect(titles).toEqual(TITLES);
});

test('the page explains every panel of the dashboard', () => {
  const rows = [...readPage('docs/monitoring.md').text.matchAll(/^\| ([^|`]*) \|/gm)].map(([, title = '']) => title);
  const explained = rows.flatMap((row) => row.split(', '));
  expect(TITLES.filter((title) => !explained.includes(title.replace(', seen by API servers', '')))).toEqual([]);
});

test('the picture is small, and does nothing', () => {
  expect(PICTURE.length).toBeLessThan(200_000);
  expect(PICTURE).not.toMatch(/<script|<foreignObject|href|\son\w+=/i);
});
