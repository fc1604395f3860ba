import { expect, test } from 'vitest';
import { outcomeOf } from '../../src/installation/outcome.ts';

test('outcomeOf() returns the value, or the error', async () => {
  expect(await outcomeOf(Promise.resolve('a'))).toEqual({ value: 'a' });
  expect(await outcomeOf(Promise.reject(new Error('why')))).toEqual({ problem: new Error('why') });
});
