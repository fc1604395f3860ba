import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS, REASONS } from '../../src/admission/gateway.ts';
import { CONFLICT_WARNING, mutate } from '../../src/admission/mutate.ts';

const { standard, owner } = GATEWAY_LABELS;
const request = (labels: Record<string, string>) => ({ uid: 'u', object: { metadata: { labels } } });

describe('mutate()', () => {
  test('answers with a patch and its type where a label is missing', () => {
    const patch = [{ op: 'add', path: '/metadata/labels/gateway.networking.k8s.io~1gateway-name', value: 'eg' }];
    expect(mutate(request({ [owner]: 'eg' }), 'both')).toEqual({
      uid: 'u',
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
      auditAnnotations: { reason: 'added-standard' },
    });
  });

  test('answers without patch and patchType where nothing is missing', () => {
    const response = { uid: 'u', allowed: true, auditAnnotations: { reason: 'complete' } };
    expect(mutate(request({ [owner]: 'eg', [standard]: 'eg' }), 'both')).toStrictEqual(response);
  });

  test('warns of a conflict', () => {
    expect(mutate(request({ [owner]: 'a', [standard]: 'b' }), 'both')).toStrictEqual({
      uid: 'u',
      allowed: true,
      auditAnnotations: { reason: 'conflict' },
      warnings: ['gateway.networking.k8s.io/gateway-name and gateway.envoyproxy.io/owning-gateway-name disagree'],
    });
  });

  test.for([{}, { [owner]: 'a' }, { [owner]: '' }, { [owner]: 'a', [standard]: 'a' }])(
    'warns of nothing else: %o',
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
  test('is what the API server passes on: at most 120 characters, none of them a control character', () => {
    expect(CONFLICT_WARNING).toMatch(/^[ -~]{1,120}$/);
  });
});

describe('REASONS', () => {
  test.for(REASONS)('%s is a value that an audit annotation and a metric label can have', (reason) => {
    expect(reason).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });
});
