import { expect, test } from 'vitest';
import { trackedFiles } from '../../release/tracked-files.ts';
import { pages, readPage } from '../support/pages.ts';
import { commentsOf, FAULTS, proseOf } from './words.ts';

const PAGES = pages();

function faultsIn(prose: string): readonly string[] {
  const lines = prose.split('\n');
  return FAULTS.flatMap(({ pattern, instead }) =>
    lines
      .filter((line) => pattern.test(line))
      .map((line) => `${pattern.exec(line)?.[0].trim()} → ${instead}: ${line.trim()}`),
  );
}

test.for(PAGES)('$path is plain English', ({ text }) => {
  expect(faultsIn(proseOf(text))).toEqual([]);
});

test('comments are plain English', () => {
  const files = trackedFiles().filter((path) => path.endsWith('.ts'));
  const comments = files.map((path) => ({ path, prose: commentsOf(readPage(path).text) }));
  expect(comments.flatMap(({ prose }) => prose.split('\n')).length).toBeGreaterThan(2_000);
  expect(comments.flatMap(({ path, prose }) => faultsIn(prose).map((fault) => `${path}: ${fault}`))).toEqual([]);
});
