import { expect, test } from 'vitest';
import { counted } from '../../../src/commands/output/counted.ts';

test.for([
  { count: 0, says: '0 labels' },
  { count: 1, says: '1 label' },
  { count: 2, says: '2 labels' },
])('counted() returns $says', ({ count, says }) => {
  expect(counted(count, 'label')).toBe(says);
});
