import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

const PICTURE = read('docs/dashboard.svg');
const { panels } = JSON.parse(read('charts/gateway-name-webhook/dashboards/gateway-name-webhook.json'));
const TITLES: readonly string[] = panels.map(({ title }: { title: string }) => title);

test('the picture of the dashboard has its panels: otherwise, npm run picture', () => {
  const titles = [...PICTURE.matchAll(/<text [^>]*y="21"[^>]*>([^<]*)</g)].map(([, title]) => title);
  expect(titles).toEqual(TITLES);
});

test('the page explains every panel of the dashboard', () => {
  const rows = [...read('docs/monitoring.md').matchAll(/^\| ([^|`]*) \|/gm)].map(([, title = '']) => title);
  const explained = rows.flatMap((row) => row.split(', '));
  expect(TITLES.filter((title) => !explained.includes(title.replace(', seen by API servers', '')))).toEqual([]);
});

test('the picture is small, and does nothing', () => {
  expect(PICTURE.length).toBeLessThan(200_000);
  expect(PICTURE).not.toMatch(/<script|<foreignObject|href|\son\w+=/i);
});
