import { expect, test } from 'vitest';
import { filesLike, pages } from '../support/pages.ts';
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
  const comments = filesLike(/\.ts$/).map(({ path, text }) => ({ path, prose: commentsOf(text) }));
  expect(comments.flatMap(({ prose }) => prose.split('\n')).length).toBeGreaterThan(2_000);
  expect(comments.flatMap(({ path, prose }) => faultsIn(prose).map((fault) => `${path}: ${fault}`))).toEqual([]);
});
