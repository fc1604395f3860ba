import { describe, expect, test } from 'vitest';
import { judgePolicies } from '../../src/doctor/policies.ts';
import { installedPolicy } from '../support/installed-policies.ts';

const RESTORE = 'Run `helm upgrade` to restore it, and stop whatever changed it.';

describe('judgePolicies()', () => {
  test("accepts the chart's policies", () => {
    expect(judgePolicies({ value: [installedPolicy('standard'), installedPolicy('owner')] })).toEqual([
      { name: 'a-name-standard', status: 'ok', message: 'MutatingAdmissionPolicy a-name-standard, with its binding' },
      { name: 'a-name-owner', status: 'ok', message: 'MutatingAdmissionPolicy a-name-owner, with its binding' },
    ]);
  });

  test('reports nothing without policies', () => {
    expect(judgePolicies({ value: [] })).toEqual([]);
  });

  test('notes that a policy can refuse objects', () => {
    expect(judgePolicies({ value: [installedPolicy('owner', { failurePolicy: 'Fail' })] })).toEqual([
      expect.objectContaining({ status: 'ok' }),
      {
        name: 'a-name-owner/failurePolicy',
        status: 'note',
        message:
          'MutatingAdmissionPolicy a-name-owner has failurePolicy Fail: objects that it fails for cannot be created',
      },
    ]);
  });

  test.for([
    ['missing', 'failure', 'missing', 'has no binding, so it does nothing'],
    ['of-another-policy', 'failure', 'changed', 'has a binding that names another policy, so it does nothing'],
    ['narrowed', 'warning', 'changed', 'has a binding that narrows it, so it may leave objects out'],
  ] as const)('judges a binding that is %s', ([binding, status, fault, message]) => {
    expect(judgePolicies({ value: [installedPolicy('standard', { binding, failurePolicy: 'Fail' })] })).toEqual([
      {
        name: 'a-name-standard',
        status,
        class: fault,
        message: `MutatingAdmissionPolicy a-name-standard ${message}`,
        advice: RESTORE,
      },
    ]);
  });

  test('reports policies that cannot be read', () => {
    expect(judgePolicies({ problem: { code: 403, message: 'forbidden' } })).toEqual([
      { name: 'present', status: 'warning', class: 'forbidden', message: 'forbidden' },
    ]);
  });
});
