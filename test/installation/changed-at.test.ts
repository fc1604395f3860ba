import { expect, test } from 'vitest';
import { changedAt } from '../../src/installation/changed-at.ts';

function changed(time: string | undefined, webhooks: object) {
  return { ...(time !== undefined && { time }), fieldsV1: { 'f:webhooks': webhooks } };
}

test('changedAt() returns the last change of a field that decides which objects are sent', () => {
  const managedFields = [
    changed('2026-11-21T00:00:00Z', { '.': {}, 'k:{"name":"b"}': { 'f:namespaceSelector': {} } }),
    changed('2026-11-20T00:00:00Z', { 'k:{"name":"a"}': { 'f:rules': {}, 'f:objectSelector': {} } }),
    changed('2026-11-23T00:00:00Z', { 'k:{"name":"a"}': { 'f:clientConfig': { 'f:caBundle': {} } } }),
    changed(undefined, { 'k:{"name":"a"}': { 'f:matchConditions': {} } }),
    { time: '2026-11-24T00:00:00Z', fieldsV1: { 'f:metadata': { 'f:labels': {} } } },
  ];
  const metadata = { name: 'a', creationTimestamp: '2026-11-19T00:00:00Z' };
  expect(changedAt({ metadata: { ...metadata, managedFields } })).toBe('2026-11-21T00:00:00Z');
  expect(changedAt({ metadata })).toBeUndefined();
});
