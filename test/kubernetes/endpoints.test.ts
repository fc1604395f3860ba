import { describe, expect, test } from 'vitest';
import { ApiClient } from '../../src/kubernetes/api-client.ts';
import { readyEndpoints } from '../../src/kubernetes/endpoints.ts';
import { startTrustApi } from '../support/trust-api.ts';

const HTTPS = [
  { name: 'metrics', port: 8080 },
  { name: 'https', port: 10_250 },
];

const pod = (name: string, conditions: object = { ready: true }) => ({
  conditions,
  targetRef: { kind: 'Pod', name },
});

async function endpointsOf(...items: readonly object[]) {
  const { requests } = await startTrustApi({ answer: () => [200, { items }] });
  const endpoints = await readyEndpoints(new ApiClient({}, process.env), { namespace: 'n', name: 's' });
  return { endpoints, requests };
}

describe('readyEndpoints()', () => {
  test('lists the EndpointSlices of the Service', async () => {
    const { requests } = await endpointsOf();
    expect(requests).toMatchObject([
      {
        path: '/apis/discovery.k8s.io/v1/namespaces/n/endpointslices',
        query: { labelSelector: 'kubernetes.io/service-name=s' },
      },
    ]);
  });

  test('returns each Pod once, by name, with the port named https', async () => {
    const { endpoints } = await endpointsOf(
      { ports: HTTPS, endpoints: [pod('b'), pod('a')] },
      { ports: [{ name: 'https', port: 1 }], endpoints: [pod('c'), pod('b')] },
    );
    expect(endpoints).toStrictEqual([
      { namespace: 'n', pod: 'a', port: 10_250 },
      { namespace: 'n', pod: 'b', port: 1 },
      { namespace: 'n', pod: 'c', port: 1 },
    ]);
  });

  test('treats Pods without a condition as ready, like Kubernetes', async () => {
    const { endpoints } = await endpointsOf({
      ports: HTTPS,
      endpoints: [pod('a', {}), pod('b', { ready: false }), pod('c', { ready: false, serving: true })],
    });
    expect(endpoints.map((endpoint) => endpoint.pod)).toEqual(['a']);
  });

  test('ignores endpoints that are not Pods, and slices without the port', async () => {
    const { endpoints } = await endpointsOf(
      { ports: HTTPS, endpoints: [{ conditions: {} }, { conditions: {}, targetRef: { kind: 'Node', name: 'a' } }] },
      { ports: [{ name: 'metrics', port: 8080 }], endpoints: [pod('b')] },
      { ports: [{ name: 'https' }], endpoints: [pod('c')] },
      { ports: null, endpoints: [pod('d')] },
      { ports: HTTPS, endpoints: null },
    );
    expect(endpoints).toEqual([]);
  });

  test('returns none if the namespace does not exist', async () => {
    await startTrustApi();
    expect(await readyEndpoints(new ApiClient({}, process.env), { namespace: 'n', name: 's' })).toEqual([]);
  });
});
