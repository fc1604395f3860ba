import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { performTrial } from '../../src/kubernetes/dry-run.ts';
import { clientOf } from '../support/api-client.ts';
import { OWNER, STANDARD } from '../support/gateway-objects.ts';

describe('performTrial()', () => {
  test.for([
    ['standard', { [OWNER]: 'verify' }, STANDARD],
    ['owner', { [STANDARD]: 'verify', 'app.kubernetes.io/managed-by': 'envoy-gateway' }, OWNER],
  ] as const)('creates a ServiceAccount without the %s label by dry run', async ([direction, labels, added]) => {
    const { client, requests } = await clientOf(() => [201, { metadata: { labels: { ...labels, [added]: 'a' } } }]);
    expect(await performTrial(client, direction, 'here')).toEqual({
      outcome: 'created',
      added: 'a',
      ms: expect.any(Number),
    });
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/namespaces/here/serviceaccounts',
        query: { dryRun: 'All' },
        body: {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { generateName: 'gateway-name-webhook-verify-', labels },
        },
      },
    ]);
  });

  test('has a longer timeout than other requests', async () => {
    const answer = (response: ServerResponse) =>
      void setTimeout(() => response.writeHead(201).end(JSON.stringify({ metadata: {} })), 200);
    const { client } = await clientOf(() => answer, 50);
    expect(await performTrial(client, 'standard', 'here')).toMatchObject({ outcome: 'created' });
    await expect(client.get({ path: '/a' })).rejects.toThrow(/no answer within/);
  });

  test('returns that nothing was added', async () => {
    const { client } = await clientOf(() => [201, { metadata: {} }]);
    expect(await performTrial(client, 'standard', 'here')).toMatchObject({ outcome: 'created', added: undefined });
  });

  test('returns why it was refused', async () => {
    const { client } = await clientOf(() => [403, { message: 'serviceaccounts is forbidden' }]);
    expect(await performTrial(client, 'standard', 'here')).toMatchObject({
      outcome: 'refused',
      problem: { code: 403, message: expect.stringContaining('serviceaccounts is forbidden') },
    });
  });
});
