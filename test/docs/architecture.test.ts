import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { blocksOf, filesLike, readPage } from '../support/pages.ts';

type Arrow = readonly [from: string, to: string];

/** The part of src that a file belongs to: a directory, or main. */
const partOf = (path: string) => path.split('/')[1]?.replace('.ts', '') ?? '';

/** Which part imports which, from the code. */
function importsOfSrc(): Arrow[] {
  const arrows = filesLike(/^src\/.*\.ts$/).flatMap(({ path, text }) =>
    [...text.matchAll(/from '(\.[^']+\.ts)'/g)].map(
      ([, file = '']) => [partOf(path), partOf(join(dirname(path), file))] as const,
    ),
  );
  return arrows.filter(([from, to]) => from !== to);
}

function arrowsOfPicture(): Arrow[] {
  const [picture = ''] = blocksOf(readPage('docs/architecture.md'), 'mermaid');
  return [...picture.matchAll(/^ *(\w+)(?:\[.*?\])? --> (\w+)/gm)].map(([, from = '', to = '']) => [from, to]);
}

/** Every pair that a path of arrows connects. */
function connections(arrows: readonly Arrow[]): string[] {
  const connected = new Set(arrows.map((arrow) => arrow.join(' → ')));
  // A set visits what is added while it is visited.
  for (const connection of connected) {
    const [start, end] = connection.split(' → ');
    for (const [from, to] of arrows) if (from === end) connected.add(`${start} → ${to}`);
  }
  return [...connected].toSorted();
}

test('the picture in docs/architecture.md connects what imports connect', () => {
  expect(connections(arrowsOfPicture())).toEqual(connections(importsOfSrc()));
});
