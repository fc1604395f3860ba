import { describe, expect, test } from 'vitest';
import { judgeApiServer, judgeClock } from '../../src/doctor/api-server.ts';

describe('judgeApiServer()', () => {
  test('reports the version', () => {
    expect(judgeApiServer({ value: { gitVersion: 'v1.37.2' } })).toEqual({
      name: 'reachable',
      status: 'ok',
      message: 'the API server answers (v1.37.2)',
    });
  });

  test.for([undefined, {}])('fails if something other than an API server answers: %j', (value) => {
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
  ] as const)('classifies the failure: %s %s: %s', ([code, message, fault]) => {
    const judgement = judgeApiServer({ problem: { code, message } });
    expect(judgement).toMatchObject({ status: 'failure', class: fault, message });
    expect(judgement.advice).toMatch(/\.$|\?$/);
  });
});

describe('judgeClock()', () => {
  test.for([undefined, 0, 3_600_000, -3_600_000])('reports nothing for a clock that is %s ms ahead', (aheadMs) => {
    expect(judgeClock(aheadMs)).toEqual([]);
  });

  test.for([
    [3 * 3_600_000, '3 h ahead of'],
    [-3 * 3_600_000, '3 h behind'],
  ] as const)('says which clock counts if they differ by %d ms', ([aheadMs, differs]) => {
    expect(judgeClock(aheadMs)).toEqual([
      {
        name: 'clock',
        status: 'note',
        message: `on this machine, the clock is ${differs} the API server's, certificates allow 1 h; certificates are checked against the API server's clock`,
        advice: "If the API server's clock is wrong, correct it (NTP): no replica becomes ready until then.",
      },
    ]);
  });
});
