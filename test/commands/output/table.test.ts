import { describe, expect, test } from 'vitest';
import { buildTable } from '../../../src/commands/output/table.ts';

describe('buildTable()', () => {
  test('prints nothing without rows', () => {
    expect(buildTable(['A', 'B']).end()).toBe('');
  });

  test('prints rows under the header', () => {
    const { add, end } = buildTable(['KIND', 'NAME']);
    expect(add(['Pod', 'a'], ['Service', ''])).toBe('');
    expect(end()).toBe('KIND      NAME\nPod       a\nService\n');
    expect(end()).toBe('');
  });

  test('prints rows without a header, with their own alignment', () => {
    const { add, end } = buildTable(['KIND', 'NAMESPACE', 'NAME'], false);
    add(['Pod', 'a', 'b'], ['Service', 'c', 'd']);
    expect(end()).toBe('Pod       a   b\nService   c   d\n');
  });

  test('prints 500 rows as soon as they are available, and later ones with the same columns', () => {
    const { add, end } = buildTable(['NAME', 'AGE']);
    const parts = Array.from({ length: 500 }, (_, index) => add([`long-name-${index}`, '1s']));
    expect(parts.slice(0, -1).join('')).toBe('');
    expect(parts.at(-1)?.split('\n').slice(0, 2)).toEqual(['NAME            AGE', 'long-name-0     1s']);
    add(['a', '2s']);
    expect(end()).toBe('a               2s\n');
  });
});
