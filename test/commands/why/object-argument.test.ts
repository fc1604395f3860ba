import { expect, test } from 'vitest';
import { parseObject } from '../../../src/commands/why/object-argument.ts';

test.for([
  ['Pod', ['pod', 'pods', 'po', 'Pod', 'PODS']],
  ['Service', ['service', 'services', 'svc', 'Service']],
  ['ServiceAccount', ['serviceaccount', 'serviceaccounts', 'sa', 'ServiceAccount']],
] as const)('parseObject() accepts a %s like kubectl', ([kind, words]) => {
  expect(words.map((word) => parseObject(`${word}/a.b`))).toEqual(words.map(() => ({ kind, name: 'a.b' })));
});
