import { describe, expect, test } from 'vitest';
import { faultInText, faultOf } from '../../src/doctor/fault.ts';

const POST = 'failed to call webhook: Post "https://127.0.0.1:37223/mutate?timeout=2s":';

describe('faultInText()', () => {
  // Messages of kube-apiserver 1.37 about webhooks.
  test.for([
    [`${POST} dial tcp 127.0.0.1:37223: connect: connection refused`, 'refused'],
    [`${POST} read tcp 127.0.0.1:36230->127.0.0.1:45541: read: connection reset by peer`, 'refused'],
    [`${POST} dial tcp 10.0.0.1:10250: connect: no route to host`, 'refused'],
    [`${POST} EOF`, 'refused'],
    [`${POST} context deadline exceeded`, 'timeout'],
    [`${POST} dial tcp 10.0.0.1:10250: i/o timeout`, 'timeout'],
    [`${POST} service "webhook" not found`, 'missing'],
    [`${POST} no endpoints available for service "webhook"`, 'missing'],
    [`${POST} no service port 444 found for service "webhook"`, 'missing'],
    [`${POST} dial tcp: lookup webhook.example.com: no such host`, 'missing'],
    [`${POST} http: server gave HTTP response to HTTPS client`, 'tls'],
    [`${POST} tls: failed to verify certificate: x509: certificate signed by unknown authority`, 'tls'],
    [`${POST} x509: certificate has expired or is not yet valid`, 'tls'],
    ['failed to call webhook: the server could not find the requested resource', 'wrong-answer'],
    ["failed to call webhook: couldn't get version/kind; json parse error: invalid character '{'", 'wrong-answer'],
    ['received invalid webhook response: webhook response was absent', 'wrong-answer'],
    // A message of the API server's proxy.
    ['error trying to reach service: dial tcp 192.0.2.2:43759: connect: connection refused', 'refused'],
    ['error trying to reach service: net/http: TLS handshake timeout', 'timeout'],
    ['error trying to reach service: tls: first record does not look like a TLS handshake', 'tls'],
    ['services "webhook" not found', 'missing'],
    // A message of Node.js.
    ['connect ECONNREFUSED 127.0.0.1:1', 'refused'],
    ['read ECONNRESET', 'refused'],
    ['socket hang up', 'refused'],
    ['Client network socket disconnected before secure TLS connection was established', 'refused'],
    ['connect EHOSTUNREACH 192.0.2.77:443', 'refused'],
    ['connect ETIMEDOUT 192.0.2.77:443', 'timeout'],
    ['The operation was aborted due to timeout', 'timeout'],
    ['no connection within 5 s', 'timeout'],
    ['no answer within 5 s', 'timeout'],
    ['getaddrinfo ENOTFOUND webhook.invalid', 'missing'],
    ['getaddrinfo EAI_AGAIN webhook.invalid', 'missing'],
    ['unable to verify the first certificate', 'tls'],
    ["Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames: DNS:b", 'tls'],
    ['write EPROTO 00: error:0A00010B:SSL routines:tls_validate_record_header:wrong version number', 'tls'],
    ['Unexpected server response: 403', 'forbidden'],
    ['Unexpected server response: 404', 'missing'],
    ['Unexpected end of JSON input', 'wrong-answer'],
  ] as const)('%s: %s', ([text, fault]) => {
    expect(faultInText(text)).toBe(fault);
  });
});

describe('faultOf()', () => {
  test.for([
    [{ code: 401, message: 'Unauthorized' }, 'forbidden'],
    [{ code: 403, message: 'no endpoints available' }, 'forbidden'],
    [{ code: 404, message: 'the server could not find the requested resource' }, 'missing'],
    [{ code: 503, message: 'no endpoints available' }, 'missing'],
    [{ message: 'connect ECONNREFUSED 127.0.0.1:1' }, 'refused'],
  ] as const)('%j: %s', ([problem, fault]) => {
    expect(faultOf(problem)).toBe(fault);
  });
});
