import { describe, expect, test } from 'vitest';
import { type EndpointsReading, judgeEndpoints } from '../../src/doctor/endpoints.ts';

const SERVICE = { value: { spec: { clusterIP: '10.0.0.1', ports: [{ port: 443 }, { port: 8080 }] } } };
const TWO = { value: ['pod-a', 'pod-b'] };
const PRESENT = { name: 'service', status: 'ok', message: 'Service its-namespace/its-name' };

const judge = (reading: Partial<EndpointsReading>) =>
  judgeEndpoints({
    namespace: 'its-namespace',
    name: 'its-name',
    port: 443,
    service: SERVICE,
    readyPods: TWO,
    ...reading,
  });

describe('judgeEndpoints()', () => {
  test.for([
    [TWO, '2 ready Pods'],
    [{ value: ['pod-a'] }, '1 ready Pod'],
  ] as const)('counts the ready Pods: %j', ([readyPods, message]) => {
    expect(judge({ readyPods })).toEqual([PRESENT, { name: 'ready-pods', status: 'ok', message }]);
  });

  test('fails without a Service', () => {
    expect(judge({ service: { value: undefined } })).toEqual([
      {
        name: 'service',
        status: 'failure',
        class: 'missing',
        message: 'Service its-namespace/its-name not found: the API server cannot call the webhook',
        advice: 'Run `helm upgrade` to restore it.',
      },
    ]);
  });

  test('needs no Service if the webhook has a URL', () => {
    expect(judge({ port: undefined, service: { value: undefined } })).toEqual([
      {
        name: 'service',
        status: 'note',
        message: 'Service its-namespace/its-name not found: the API server calls the webhook by URL',
      },
    ]);
    expect(judge({ port: undefined })[0]).toEqual(PRESENT);
  });

  test.for([SERVICE, { value: { spec: {} } }])(
    'fails if the Service does not have the port of the entry: %j',
    (service) => {
      expect(judge({ port: 444, service })).toMatchObject(
        [{ status: 'failure', class: 'missing', message: /has no port 444/ }].map((expected) => ({
          ...expected,
          message: expect.stringMatching(expected.message),
        })),
      );
    },
  );

  test('fails without a ready Pod', () => {
    expect(judge({ readyPods: { value: [] } })[1]).toEqual({
      name: 'ready-pods',
      status: 'failure',
      class: 'missing',
      message: 'Service its-namespace/its-name has no ready Pod',
      advice: "See `kubectl get pods -n its-namespace`, the Pods' logs, and docs/runbooks.md, GatewayNameWebhookDown.",
    });
  });

  test('says why it could not be checked', () => {
    const problem = { code: 500, message: 'etcdserver: request timed out' };
    expect(judge({ service: { problem } })).toEqual([
      { name: 'service', status: 'failure', class: 'timeout', message: problem.message },
    ]);
    expect(judge({ readyPods: { problem } })[1]).toEqual({
      name: 'ready-pods',
      status: 'failure',
      class: 'timeout',
      message: problem.message,
    });
  });

  test('omits checks without permission', () => {
    expect(judge({ service: undefined })).toEqual([{ name: 'ready-pods', status: 'ok', message: '2 ready Pods' }]);
    expect(judge({ readyPods: undefined })).toEqual([PRESENT]);
  });
});
