import { expect, test } from 'vitest';
import { LINE_MEANINGS, loggedLines } from './log-lines.ts';
import { reference } from './reference.ts';

/** `npm run docs` updates it. */
test('docs/reference.md matches the code', async () => {
  await expect(await reference()).toMatchFileSnapshot('../../docs/reference.md');
});

test('every log message has a meaning', () => {
  expect(
    loggedLines()
      .map(({ message }) => message)
      .toSorted(),
  ).toEqual(Object.keys(LINE_MEANINGS).toSorted());
});
