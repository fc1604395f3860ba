import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS, REASONS } from '../../src/admission/gateway.ts';
import { CONFLICT_WARNING, mutate } from '../../src/admission/mutate.ts';

const { standard, owner } = GATEWAY_LABELS;
const request = (labels: Record<string, string>) => ({ uid: 'u', object: { metadata: { labels } } });

describe('mutate()', () => {
  test('returns a patch and its type if a label is missing', () => {
    const patch = [{ op: 'add', path: '/metadata/labels/gateway.networking.k8s.io~1gateway-name', value: 'eg' }];
    expect(mutate(request({ [owner]: 'eg' }), 'both')).toEqual({
      uid: 'u',
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
      auditAnnotations: { reason: 'added-standard' },
    });
  });

  test('returns neither patch nor patchType if no label is missing', () => {
    const response = { uid: 'u', allowed: true, auditAnnotations: { reason: 'complete' } };
    expect(mutate(request({ [owner]: 'eg', [standard]: 'eg' }), 'both')).toStrictEqual(response);
  });

  test('returns a warning for a conflict', () => {
    expect(mutate(request({ [owner]: 'a', [standard]: 'b' }), 'both')).toStrictEqual({
      uid: 'u',
      allowed: true,
      auditAnnotations: { reason: 'conflict' },
      warnings: ['gateway.networking.k8s.io/gateway-name and gateway.envoyproxy.io/owning-gateway-name disagree'],
    });
  });

  test.for([{}, { [owner]: 'a' }, { [owner]: '' }, { [owner]: 'a', [standard]: 'a' }])(
    'returns no warning for anything else: %o',
    (labels) => {
      expect(mutate(request(labels), 'both')).not.toHaveProperty('warnings');
    },
  );

  test.for([{ object: null }, { object: {} }, {}])('allows a request without metadata: %o', (rest) => {
    const response = { uid: 'u', allowed: true, auditAnnotations: { reason: 'no-gateway' } };
    expect(mutate({ uid: 'u', ...rest }, 'both')).toStrictEqual(response);
  });
});

describe('CONFLICT_WARNING', () => {
  test("fits the API server's limits: at most 120 characters, and no control characters", () => {
    expect(CONFLICT_WARNING).toMatch(/^[ -~]{1,120}$/);
  });
});

describe('REASONS', () => {
  test.for(REASONS)('%s is valid as an audit annotation and as a metric label', (reason) => {
    expect(reason).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });
});
