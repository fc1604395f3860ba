import { expect, test } from 'vitest';
import { pages } from '../support/pages.ts';
import { FAULTS, proseOf } from './words.ts';

/** The changelog keeps the words of its time. */
const PAGES = pages().filter(({ path }) => path !== 'CHANGELOG.md');

test.for(PAGES)('$path is plain English', ({ text }) => {
  const lines = proseOf(text).split('\n');
  const faults = FAULTS.flatMap(({ pattern, instead }) =>
    lines
      .filter((line) => pattern.test(line))
      .map((line) => `${pattern.exec(line)?.[0].trim()} → ${instead}: ${line.trim()}`),
  );
  expect(faults).toEqual([]);
});
