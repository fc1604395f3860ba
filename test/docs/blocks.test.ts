import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { trackedFiles } from '../../release/tracked-files.ts';
import { blocksOf, type Page, pages, readPage } from '../support/pages.ts';

/** Commands of a shell have a test of their own, and GitHub draws the pictures. */
const NOT_COMPARED = ['sh', 'mermaid'];

/** Its blocks are compared as a whole: reference.test.ts. */
const GENERATED = 'docs/reference.md';

const BLOCKS = pages()
  .filter(({ path }) => path !== 'CHANGELOG.md' && path !== GENERATED && !path.startsWith('test/'))
  .flatMap((page) =>
    languagesOf(page).flatMap((language) =>
      blocksOf(page, language).map((text) => ({ path: page.path, language, text })),
    ),
  );

function languagesOf({ text }: Page): string[] {
  const languages = [...text.matchAll(/^ *```(\w+)$/gm)].map(([, language = '']) => language);
  return [...new Set(languages)].filter((language) => !NOT_COMPARED.includes(language));
}

/** The blocks that tests find, by their calls of documentedBlock() or of the one for docs/gitops.md. */
const FOUND = trackedFiles()
  .filter((path) => path.startsWith('test/') && path.endsWith('.test.ts'))
  .flatMap((path) => {
    const source = readFileSync(path, 'utf8');
    const calls = /documentedBlock\(\s*'([^']+)',\s*'([^']+)'((?:,\s*'[^']*')*),?\s*\)|documented\('([^']+)'\)/g;
    return [...source.matchAll(calls)].map(
      ([, page = 'docs/gitops.md', language = 'yaml', others = '', text = '']) => ({
        path: page,
        text: blocksOf(readPage(page), language).find(
          (block) =>
            [...others.matchAll(/'([^']*)'/g)].every(([, wanted = '']) => block.includes(wanted)) &&
            block.includes(text),
        ),
      }),
    );
  });

describe('a block of output or YAML on a page', () => {
  test('is there', () => {
    expect(BLOCKS.length).toBeGreaterThan(10);
  });

  test.for(BLOCKS)('in $path is compared by a test: $text', ({ path, text }) => {
    expect(FOUND.filter((found) => found.path === path && found.text === text)).not.toEqual([]);
  });
});

describe('the map in CONTRIBUTING.md', () => {
  const [map = ''] = blocksOf(readPage('CONTRIBUTING.md'), '');
  const paths = [...map.matchAll(/^(\S+) /gm)].map(([, path = '']) => path);

  test('has paths', () => {
    expect(paths.length).toBeGreaterThan(8);
  });

  test.for(paths)('names %s, which exists', (path) => {
    expect(existsSync(path)).toBe(true);
  });
});
