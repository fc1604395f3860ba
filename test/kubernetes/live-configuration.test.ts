import { expect, test } from 'vitest';
import { readWebhookConfiguration } from '../../src/kubernetes/live-configuration.ts';
import { clientOf, status } from '../support/api-client.ts';

const CREATED = '2026-11-20T00:00:00Z';

async function read(configuration: object | undefined) {
  const { client, requests } = await clientOf(() => (configuration ? [200, configuration] : status(404, 'not found')));
  return { found: await readWebhookConfiguration(client, 'a-name'), requests };
}

function changed(time: string | undefined, webhooks: object) {
  return { ...(time !== undefined && { time }), fieldsV1: { 'f:webhooks': webhooks } };
}

test('readWebhookConfiguration() returns the entries, and when what they send was changed last', async () => {
  const webhooks = [{ name: 'a', rules: [] }, { name: 'b' }];
  const managedFields = [
    changed('2026-11-21T00:00:00Z', { '.': {}, 'k:{"name":"b"}': { 'f:namespaceSelector': {} } }),
    changed('2026-11-20T00:00:00Z', { 'k:{"name":"a"}': { 'f:rules': {}, 'f:objectSelector': {} } }),
    changed('2026-11-23T00:00:00Z', { 'k:{"name":"a"}': { 'f:clientConfig': { 'f:caBundle': {} } } }),
    changed(undefined, { 'k:{"name":"a"}': { 'f:matchConditions': {} } }),
    { time: '2026-11-24T00:00:00Z', fieldsV1: { 'f:metadata': { 'f:labels': {} } } },
  ];
  const { found, requests } = await read({ metadata: { creationTimestamp: CREATED, managedFields }, webhooks });
  expect(found).toEqual({ creationTimestamp: CREATED, changedAt: '2026-11-21T00:00:00Z', entries: webhooks });
  expect(requests[0]?.path).toBe('/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/a-name');
});

test('readWebhookConfiguration() returns what there is of an empty one, and undefined of none', async () => {
  expect((await read({ metadata: { creationTimestamp: CREATED } })).found).toEqual({
    creationTimestamp: CREATED,
    changedAt: undefined,
    entries: [],
  });
  expect((await read(undefined)).found).toBeUndefined();
});
