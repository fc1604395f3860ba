import { describe, expect, test } from 'vitest';
import { rejectionCause, rejectionReason } from '../../src/server/rejection.ts';

const withCode = (code?: string, statusCode?: number) => {
  const facts = { ...(code !== undefined && { code }), ...(statusCode !== undefined && { statusCode }) };
  return Object.assign(new Error('inside'), facts);
};

describe('rejectionCause()', () => {
  test.for([
    ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'content-length'],
    ['ECONNRESET', 'aborted'],
    ['EPIPE', 'aborted'],
    ['HPE_INVALID_EOF_STATE', 'aborted'],
    ['HPE_HEADER_OVERFLOW', 'headers-too-large'],
    ['ERR_HTTP_REQUEST_TIMEOUT', 'timeout'],
    ['HPE_INVALID_METHOD', 'http'],
    [undefined, 'http'],
  ])('for %s is %s', ([code, cause]) => {
    expect(rejectionCause(withCode(code), 'http')).toBe(cause);
  });
});

describe('rejectionReason()', () => {
  test.for([undefined, 500, 503])('does not reveal internal errors: %s', (statusCode) => {
    expect(rejectionReason(withCode('X', statusCode))).toBe('internal error');
  });

  test('describes what is wrong with a request', () => {
    expect(rejectionReason(withCode('X', 400))).toBe('inside');
  });
});
