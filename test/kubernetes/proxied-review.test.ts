import { describe, expect, test } from 'vitest';
import { proxiedReview } from '../../src/kubernetes/proxied-review.ts';
import { clientOf } from '../support/api-client.ts';

describe('proxiedReview()', () => {
  test.for([
    [{ path: '/mutate' }, '/mutate'],
    [{}, '/'],
  ] as const)("sends a review through the API server's proxy, and returns any answer: %j", async ([given, path]) => {
    const { client, requests } = await clientOf(() => [418, 'I am a teapot']);
    const service = { namespace: 'its-namespace', name: 'its-name', port: 8443, ...given };
    expect(await proxiedReview(client, service, { a: 'review' })).toMatchObject({ status: 418, body: 'I am a teapot' });
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: `/api/v1/namespaces/its-namespace/services/https:its-name:8443/proxy${path}`,
        headers: { 'content-type': 'application/json' },
        body: { a: 'review' },
      },
    ]);
  });
});
