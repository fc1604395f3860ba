import { describe, expect, test } from 'vitest';
import { pages, readPage, withoutBlocks } from '../support/pages.ts';
import { PROMISED_NUMBERS } from './numbers.ts';

const flat = (text: string) => text.replaceAll(/\s+/g, ' ');

describe('a number that a page promises', () => {
  test.for(PROMISED_NUMBERS)('is the one of the code: $sentence in $path', ({ path, sentence, numbers }) => {
    const [, ...shown] = sentence.exec(flat(readPage(path).text)) ?? [];
    expect(shown.map(Number)).toEqual(numbers);
  });
});

/** The pages of what was measured, whose numbers change with the machine. */
const MEASURED = pages().filter(({ path }) => /^docs\/(?:performance|second-attempt|soak)\.md$/.test(path));

describe('a page of measurements', () => {
  test.for(MEASURED)('names a command that prints them: $path', ({ text }) => {
    expect(withoutBlocks(text)).toMatch(/`npm run (?:bench|soak|test:)/);
  });
});
