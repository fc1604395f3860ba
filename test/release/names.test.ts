import { describe, expect, test } from 'vitest';
import { NAMES, OWNER, withOwner } from '../../release/names.ts';
import { filesLike } from '../support/pages.ts';

const SOMEONE = 'Some-One';
const files = filesLike(/^/);

describe('withOwner()', () => {
  test.for([
    ['the repository', NAMES.repository, `https://github.com/${SOMEONE}/gateway-name-webhook`],
    ['the image', NAMES.image, `ghcr.io/${SOMEONE.toLowerCase()}/gateway-name-webhook`],
    [
      'the chart',
      `${NAMES.charts}/gateway-name-webhook`,
      `ghcr.io/${SOMEONE.toLowerCase()}/charts/gateway-name-webhook`,
    ],
    ['a flag of gh', `--repo ${OWNER}/gateway-name-webhook`, `--repo ${SOMEONE}/gateway-name-webhook`],
    ['no other addresses', 'github.com/other/project ghcr.io/other', 'github.com/other/project ghcr.io/other'],
  ] as const)('renames %s', ([, text, renamed]) => {
    expect(withOwner(text, SOMEONE)).toBe(renamed);
  });

  test('renames every mention of the owner in tracked files', () => {
    const mention = new RegExp(
      `(?:${OWNER}/(?:charts/)?gateway-name-webhook|(?:github|githubusercontent|ghcr)\\.(?:com|io)[/:]${OWNER})\\b`,
      'i',
    );
    const missed = files.flatMap(({ path, text }) =>
      withOwner(text, SOMEONE)
        .split('\n')
        .filter((line) => mention.test(line))
        .map((line) => `${path}: ${line}`),
    );
    expect(missed).toEqual([]);
  });
});

test('every file has the owner in package.json: run `npm run names`', () => {
  const others = files.filter(({ text }) => withOwner(text, OWNER) !== text);
  expect(others.map(({ path }) => path)).toEqual([]);
});
