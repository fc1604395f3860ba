import { describe, expect, test } from 'vitest';
import { judgeApiServer } from '../../src/doctor/api-server.ts';

describe('judgeApiServer()', () => {
  test('tells the version', () => {
    expect(judgeApiServer({ value: { gitVersion: 'v1.37.2' } })).toEqual({
      name: 'reachable',
      status: 'ok',
      message: 'the API server answers (v1.37.2)',
    });
  });

  test.for([undefined, {}])('knows that it is another who answers %j', (value) => {
    expect(judgeApiServer({ value })).toEqual({
      name: 'reachable',
      status: 'failure',
      class: 'wrong-answer',
      message: 'The API server did not report its version',
      advice: 'Something other than an API server answered: check `server` in the kubeconfig, and proxies in between.',
    });
  });

  test.for([
    [401, 'Unauthorized', 'forbidden'],
    [undefined, 'connect ECONNREFUSED 127.0.0.1:6443', 'refused'],
    [undefined, 'no connection within 5 s', 'timeout'],
    [undefined, 'self-signed certificate in certificate chain', 'tls'],
    [undefined, 'getaddrinfo ENOTFOUND api.invalid', 'missing'],
    [200, 'The API server answers GET /version with what is no object', 'wrong-answer'],
  ] as const)('knows what keeps it from answering: %s %s: %s', ([code, message, fault]) => {
    const judgement = judgeApiServer({ problem: { code, message } });
    expect(judgement).toMatchObject({ status: 'failure', class: fault, message });
    expect(judgement.advice).toMatch(/\.$|\?$/);
  });
});
