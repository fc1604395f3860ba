import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { documentedBlock } from '../support/documented.ts';
import { blocksOf, filesLike, type Page, pages, readPage } from '../support/pages.ts';

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

/** The blocks that tests find, by their calls of documentedBlock(). */
const FOUND = filesLike(/^test\/.*\.test\.ts$/).flatMap(({ text: source }) => {
  const calls = /documentedBlock\(\s*'([^']+)',\s*'([^']+)'((?:,\s*'[^']*')*),?\s*\)/g;
  return [...source.matchAll(calls)].map(([, path = '', language = '', others = '']) => {
    const texts = [...others.matchAll(/'([^']*)'/g)].map(([, text = '']) => text);
    return { path, text: documentedBlock(path, language, ...texts) };
  });
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
