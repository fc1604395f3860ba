import { expect, test } from 'vitest';
import { objectsName } from '../../src/installation/release-name.ts';

test.for([
  ['a-name', 'a-name'],
  ['a-name-provided', 'a-name'],
  ['a-provided-name', 'a-provided-name'],
] as const)('of the configuration %s, the other objects are called %s', ([configuration, name]) => {
  expect(objectsName(configuration)).toBe(name);
});
