import { describe, expect, test } from 'vitest';
import { mutate } from '../../src/admission/mutate.ts';
import { isAdmissionReview, reviewOf } from '../../src/admission/review.ts';
import { answerFault, wantsCertificate } from '../../src/doctor/review-answer.ts';
import type { Direction } from '../../src/installation/direction.ts';
import { trialReview } from '../../src/installation/trial.ts';

const UID = 'a-uid';
const DIRECT = { direction: 'standard', uid: UID, isProxied: false } as const;
const PROXIED = { ...DIRECT, isProxied: true };

/** The webhook's answer. */
function answered(direction: Direction, reverse: 'both' | 'managed' | 'off' = 'both') {
  const review: unknown = trialReview(direction, 'a-namespace', UID);
  if (!isAdmissionReview(review)) throw new Error('The review is invalid');
  return reviewOf(mutate(review.request, reverse));
}

const judged = (response: object) =>
  answerFault({ status: 200, body: JSON.stringify({ ...answered('standard'), response }) }, DIRECT);

describe('answerFault()', () => {
  test.for([
    ['standard', 'off'],
    ['owner', 'both'],
    ['owner', 'managed'],
  ] as const)("accepts the webhook's answers: %s, %s", ([direction, reverse]) => {
    const answer = { status: 200, body: JSON.stringify(answered(direction, reverse)) };
    expect(answerFault(answer, { ...DIRECT, direction })).toBeUndefined();
  });

  test.for([
    [404, 'nothing here', 'HTTP status 404: nothing here'],
    [500, '', 'HTTP status 500'],
    [101, '', 'HTTP status 101'],
    [200, '<html></html>', 'not a JSON object: <html></html>'],
    [200, '[]', 'not a JSON object: []'],
    [200, '{}', 'not an AdmissionReview with a response: {}'],
    [200, '{"kind": "Status"}', 'not an AdmissionReview with a response: {"kind": "Status"}'],
    [200, `{"a": "${'x'.repeat(1000)}"}`, `not an AdmissionReview with a response: {"a": "${'x'.repeat(113)}`],
  ] as const)('rejects an invalid answer: %d %s', ([status, body, text]) => {
    expect(answerFault({ status, body }, DIRECT)).toEqual({ fault: 'wrong-answer', text });
  });

  test.for<readonly [what: string, change: object, says: string]>([
    ['to another request', { uid: 'another' }, 'a response to another request'],
    ['that does not allow the object', { allowed: false }, 'a response that does not allow the object'],
    ['without a patch', { patch: undefined, patchType: undefined }, 'a response that does not add the label'],
    ['with a patch that is not JSON', { patch: 'e3s=' }, 'a response that does not add the label'],
    ['with another type of patch', { patchType: 'Other' }, 'a response that does not add the label'],
    ['with another patch', { patch: Buffer.from('[]').toString('base64') }, 'a response that does not add the label'],
  ])('rejects a response %s', ([, change, says]) => {
    const fault = judged({ ...answered('standard').response, ...change });
    expect(fault?.fault).toBe('wrong-answer');
    expect(fault?.text.startsWith(`${says}: {`)).toBe(true);
  });

  test.for([
    [403, 'services "https:webhook:443" is forbidden', 'forbidden'],
    [401, 'Unauthorized', 'forbidden'],
    [404, 'services "webhook" not found', 'missing'],
    // The webhook itself also answers like this.
    [404, 'there is no POST /other', 'wrong-answer'],
    [503, 'no endpoints available for service "webhook"', 'missing'],
    [503, 'error trying to reach service: dial tcp 192.0.2.2:1: connect: connection refused', 'refused'],
    [503, 'error trying to reach service: tls: first record does not look like a TLS handshake', 'tls'],
  ] as const)("classifies the API server's own answers: %d %s: %s", ([code, message, fault]) => {
    const body = JSON.stringify({ kind: 'Status', apiVersion: 'v1', message, code });
    expect(answerFault({ status: code, body }, PROXIED)).toEqual({ fault, text: message });
    expect(answerFault({ status: code, body }, DIRECT)?.fault).toBe('wrong-answer');
  });
});

describe('wantsCertificate()', () => {
  const body = (message: string) => JSON.stringify({ kind: 'Status', message });

  test.for([
    { status: 403, said: body('a client certificate is required'), wants: true },
    { status: 403, said: body('a client certificate is required, and this one is not accepted: X'), wants: true },
    { status: 403, said: body('services "x" is forbidden'), wants: false },
    { status: 403, said: 'a client certificate is required', wants: false },
    { status: 500, said: body('a client certificate is required'), wants: false },
  ])('returns $wants for status $status with $said', ({ status, said, wants }) => {
    expect(wantsCertificate({ status, body: said })).toBe(wants);
  });
});
