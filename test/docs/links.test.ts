import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { anchorsOf, linksOf, pages } from '../support/pages.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const PAGES = pages();

test.for(PAGES)('every link in $path resolves', (page) => {
  const broken = linksOf(page).filter(({ target, anchor }) => {
    if (!existsSync(`${ROOT}${target}`)) return true;
    if (anchor === '' || statSync(`${ROOT}${target}`).isDirectory()) return false;
    const named = PAGES.find(({ path }) => path === target);
    return !named || !anchorsOf(named).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test('docs/README.md lists every page in docs', () => {
  const listed = linksOf(PAGES.find(({ path }) => path === 'docs/README.md') ?? { path: '', text: '' });
  const targets = listed.map(({ target }) => target);
  const inDocs = PAGES.filter(({ path }) => path.startsWith('docs/') && path !== 'docs/README.md');
  expect(inDocs.filter(({ path }) => !targets.includes(path))).toEqual([]);
});
