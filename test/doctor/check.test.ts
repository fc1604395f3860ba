import { expect, test } from 'vitest';
import { checksOf, resultOf, type Status } from '../../src/doctor/check.ts';

const judgements = (...statuses: readonly Status[]) => statuses.map((status) => ({ name: 'a', status, message: 'b' }));

test.for([
  [[], 'ok'],
  [['ok', 'note', 'skipped'], 'ok'],
  [['ok', 'warning', 'note'], 'warning'],
  [['warning', 'failure', 'ok'], 'failure'],
] as const)('resultOf() returns the worst of %j: %s', ([statuses, result]) => {
  expect(resultOf(judgements(...statuses))).toBe(result);
});

test('checksOf() adds the section to judgements', () => {
  expect(checksOf('call', judgements('ok'))).toEqual([{ section: 'call', name: 'a', status: 'ok', message: 'b' }]);
});
