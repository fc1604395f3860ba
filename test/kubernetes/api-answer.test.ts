import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { answeredObject } from '../../src/kubernetes/api-answer.ts';
import { ApiError } from '../../src/kubernetes/api-error.ts';

/** The error for an answer. */
function refusal(answer: Partial<Parameters<typeof answeredObject>[1]>): ApiError {
  try {
    answeredObject('GET /a', { status: 429, retryAfter: undefined, body: '', ...answer });
  } catch (error) {
    expect(error).toBeInstanceOf(ApiError);
    return error as ApiError;
  }
  return expect.fail('it is no refusal');
}

describe('answeredObject()', () => {
  test.for([
    { name: 'an HTML page', body: `<html>${'x'.repeat(500)}`, shown: `<html>${'x'.repeat(194)}` },
    { name: 'nothing', body: '', shown: '' },
    { name: 'a truncated object', body: '{"a":', shown: '{"a":' },
    { name: 'null', body: 'null', shown: 'null' },
    { name: 'a string', body: '"ok"', shown: '"ok"' },
  ])('rejects $name', ({ body, shown }) => {
    expect(refusal({ status: 200, body })).toMatchObject({
      code: 200,
      message: `The API server did not answer GET /a with an object: ${shown}`,
    });
  });

  test('returns the continue token of an expired list', () => {
    const body = JSON.stringify({ message: 'too old', reason: 'Expired', metadata: { continue: 'a-token' } });
    expect(refusal({ status: 410, body })).toMatchObject({
      code: 410,
      message: 'The API server refused GET /a: too old',
      reason: 'Expired',
      continueToken: 'a-token',
      retryAfterMs: undefined,
    });
    expect(refusal({ status: 410, body: '{"metadata":{}}' })).toMatchObject({
      reason: undefined,
      continueToken: undefined,
    });
  });

  test.for([
    { retryAfter: '0', ms: 0 },
    { retryAfter: '7', ms: 7_000 },
    { retryAfter: 'Sun, 22 Nov 2026 12:00:30 GMT', ms: 30_000 },
    { retryAfter: 'Sun, 22 Nov 2026 11:00:00 GMT', ms: 0 },
    { retryAfter: 'soon', ms: undefined },
    { retryAfter: undefined, ms: undefined },
  ])('reads Retry-After: $retryAfter', ({ retryAfter, ms }) => {
    vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z'), toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    expect(refusal({ retryAfter }).retryAfterMs).toBe(ms);
  });
});
