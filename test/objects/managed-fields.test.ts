import { describe, expect, test } from 'vitest';
import { fieldAt, managersOf } from '../../src/objects/managed-fields.ts';
import type { ManagedFields } from '../../src/objects/stored-object.ts';
import { storedObject } from '../support/objects.ts';

const KEY = 'example.com/label';
const labels = { 'f:labels': { [`f:${KEY}`]: {} } };
const TIME = '2026-11-23T09:00:00Z';

function managers(...managedFields: readonly ManagedFields[]) {
  return managersOf(storedObject('Pod', 'a', {}, { managedFields }).metadata, KEY);
}

describe('managersOf()', () => {
  test('returns the managers of the label, and not of other labels', () => {
    expect(
      managers(
        { manager: 'creator', time: TIME, fieldsV1: { 'f:metadata': { '.': {}, ...labels }, 'f:spec': {} } },
        { manager: 'of-another', time: TIME, fieldsV1: { 'f:metadata': { 'f:labels': { 'f:another': {} } } } },
        { manager: 'of-status', time: TIME, fieldsV1: { 'f:status': {} } },
        { manager: 'of-nothing', time: TIME },
        { manager: 'backfill', time: TIME, fieldsV1: { 'f:metadata': labels } },
      ),
    ).toEqual([
      { manager: 'creator', time: TIME, hasSetLabelsOnly: false },
      { manager: 'backfill', time: TIME, hasSetLabelsOnly: true },
    ]);
  });

  test.for([{ 'f:metadata': { ...labels, 'f:ownerReferences': {} } }, { 'f:metadata': labels, 'f:spec': {} }])(
    'returns whether a manager has set more than labels: %j',
    (fieldsV1) => {
      expect(managers({ manager: 'a', time: TIME, fieldsV1 })[0]?.hasSetLabelsOnly).toBe(false);
    },
  );

  test('returns a manager without a name', () => {
    expect(managers({ fieldsV1: { 'f:metadata': labels } })).toEqual([
      { manager: 'unknown', time: 'unknown', hasSetLabelsOnly: true },
    ]);
  });

  test('returns none without managedFields', () => {
    expect(managersOf(storedObject('Pod', 'a', {}).metadata, KEY)).toEqual([]);
  });
});

test('fieldAt() ignores members of the prototype', () => {
  expect(fieldAt({ a: {} }, 'a', 'constructor')).toBeUndefined();
  expect(fieldAt({ a: { b: {} } }, 'a', 'b')).toEqual({});
  expect(fieldAt(undefined, 'a')).toBeUndefined();
});
