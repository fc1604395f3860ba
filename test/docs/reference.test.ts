import { expect, test } from 'vitest';
import { LINE_MEANINGS, loggedLines } from './log-lines.ts';
import { reference } from './reference.ts';

/** `npm run docs` writes it anew. */
test('docs/reference.md says what the code has', async () => {
  await expect(await reference()).toMatchFileSnapshot('../../docs/reference.md');
});

test('every line that the code logs has its meaning there', () => {
  expect(
    loggedLines()
      .map(({ message }) => message)
      .toSorted(),
  ).toEqual(Object.keys(LINE_MEANINGS).toSorted());
});
