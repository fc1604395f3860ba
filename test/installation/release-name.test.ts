import { expect, test } from 'vitest';
import { objectsName } from '../../src/installation/release-name.ts';

test.for([
  ['a-name', 'a-name'],
  ['a-name-provided', 'a-name'],
  ['a-provided-name', 'a-provided-name'],
] as const)('objectsName() returns for the webhook configuration %s: %s', ([configuration, name]) => {
  expect(objectsName(configuration)).toBe(name);
});
