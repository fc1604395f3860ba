import { describe, expect, test } from 'vitest';
import { decide, GATEWAY_LABELS, type ObjectMeta, REASONS, type Reverse } from '../../src/admission/gateway.ts';
import { RECORDED_REASONS, RECORDED_REVIEWS, recorded } from '../support/reviews.ts';

const { standard, owner } = GATEWAY_LABELS;
const MANAGED = { 'app.kubernetes.io/managed-by': 'envoy-gateway' };
const LONGEST = `a${'-'.repeat(61)}z`;

const addStandard = (value: string) => ({ reason: 'added-standard', add: { key: standard, value } });
const addOwner = (value: string) => ({ reason: 'added-owner', add: { key: owner, value } });

interface Row {
  readonly name: string;
  readonly metadata: ObjectMeta;
  readonly reverse?: Reverse;
  readonly decision: object;
}

describe('GATEWAY_LABELS', () => {
  test('are the labels of GEP-1762 and of Envoy Gateway', () => {
    expect(GATEWAY_LABELS).toEqual({
      standard: 'gateway.networking.k8s.io/gateway-name',
      owner: 'gateway.envoyproxy.io/owning-gateway-name',
    });
  });
});

describe('decide()', () => {
  test.for<Row>([
    { name: 'adds the standard label', metadata: { labels: { [owner]: 'eg' } }, decision: addStandard('eg') },
    { name: 'adds the owner label', metadata: { labels: { [standard]: 'eg' } }, decision: addOwner('eg') },
    {
      name: 'adds nothing to equal labels',
      metadata: { labels: { [owner]: 'eg', [standard]: 'eg' } },
      decision: { reason: 'complete' },
    },
    {
      name: 'adds nothing to equal empty labels',
      metadata: { labels: { [owner]: '', [standard]: '' } },
      decision: { reason: 'complete' },
    },
    {
      name: 'finds a conflict',
      metadata: { labels: { [owner]: 'eg', [standard]: 'ge' } },
      decision: { reason: 'conflict' },
    },
    {
      name: 'finds a conflict with an empty label',
      metadata: { labels: { [owner]: 'eg', [standard]: '' } },
      decision: { reason: 'conflict' },
    },
    {
      name: 'adds nothing without a Gateway',
      metadata: { labels: { app: 'shop' } },
      decision: { reason: 'no-gateway' },
    },
    { name: 'adds nothing without labels', metadata: {}, decision: { reason: 'no-gateway' } },
    {
      name: 'adds nothing with null labels',
      metadata: { labels: null, annotations: null, deletionTimestamp: null },
      decision: { reason: 'no-gateway' },
    },
    {
      name: 'does not change mirror Pods',
      metadata: { labels: { [owner]: 'eg' }, annotations: { 'kubernetes.io/config.mirror': '' } },
      decision: { reason: 'mirror-pod' },
    },
    {
      name: 'ignores other annotations',
      metadata: { labels: { [owner]: 'eg' }, annotations: { a: 'b' } },
      decision: addStandard('eg'),
    },
    {
      name: 'does not change objects that are opted out',
      metadata: { labels: { [owner]: 'eg', 'gateway-name-webhook/ignore': '' } },
      decision: { reason: 'opted-out' },
    },
    {
      name: 'does not change objects that are opted out with any value',
      metadata: { labels: { 'gateway-name-webhook/ignore': 'false' } },
      decision: { reason: 'opted-out' },
    },
    {
      name: 'does not change objects that are opted out, whatever their labels',
      metadata: { labels: { [owner]: 'eg', [standard]: 'ge', 'gateway-name-webhook/ignore': '' } },
      decision: { reason: 'opted-out' },
    },
    {
      name: 'does not change mirror Pods, whatever their labels',
      metadata: { labels: { [owner]: 'eg', [standard]: 'eg' }, annotations: { 'kubernetes.io/config.mirror': '' } },
      decision: { reason: 'mirror-pod' },
    },
    {
      name: 'accepts the opt-out only as a label',
      metadata: { labels: { [owner]: 'eg' }, annotations: { 'gateway-name-webhook/ignore': '' } },
      decision: addStandard('eg'),
    },
    {
      name: 'does not change objects that are being deleted',
      metadata: { labels: { [owner]: 'eg' }, deletionTimestamp: '2026-11-22T20:43:49Z' },
      decision: { reason: 'deleting' },
    },
    {
      name: 'checks deletion first, then mirror Pods, then the opt-out',
      metadata: {
        deletionTimestamp: '2026-11-22T20:43:49Z',
        annotations: { 'kubernetes.io/config.mirror': 'x' },
        labels: { 'gateway-name-webhook/ignore': '', [owner]: 'eg' },
      },
      decision: { reason: 'deleting' },
    },
    {
      name: 'checks mirror Pods before the opt-out',
      metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' }, labels: { 'gateway-name-webhook/ignore': '' } },
      decision: { reason: 'mirror-pod' },
    },
    {
      name: 'ignores inherited properties of labels',
      metadata: { labels: Object.create({ [owner]: 'eg' }) },
      decision: { reason: 'no-gateway' },
    },
  ])('$name', ({ metadata, decision }) => {
    expect(decide(metadata, 'both')).toEqual(decision);
  });

  test.for<{ value: string; usable: boolean }>([
    { value: 'e', usable: true },
    { value: 'Eg-1_2.z', usable: true },
    { value: '9', usable: true },
    { value: 'a'.repeat(63), usable: true },
    { value: LONGEST, usable: true },
    { value: 'a'.repeat(64), usable: false },
    { value: '', usable: false },
    { value: '-eg', usable: false },
    { value: 'eg-', usable: false },
    { value: 'eg.', usable: false },
    { value: '_', usable: false },
    { value: 'e g', usable: false },
    { value: 'e/g', usable: false },
    { value: 'eg\n', usable: false },
    { value: '\neg', usable: false },
    { value: 'é', usable: false },
  ])('accepts $value as a label value: $usable', ({ value, usable }) => {
    const invalid = { reason: 'invalid-value' };
    expect(decide({ labels: { [owner]: value } }, 'both')).toEqual(usable ? addStandard(value) : invalid);
    expect(decide({ labels: { [standard]: value } }, 'both')).toEqual(usable ? addOwner(value) : invalid);
  });

  test.for<Row & { reverse: Reverse }>([
    {
      name: 'managed: an object of Envoy Gateway',
      reverse: 'managed',
      metadata: { labels: { ...MANAGED, [standard]: 'eg' } },
      decision: addOwner('eg'),
    },
    {
      name: 'managed: an object of another implementation',
      reverse: 'managed',
      metadata: { labels: { 'app.kubernetes.io/managed-by': 'istio', [standard]: 'eg' } },
      decision: { reason: 'not-managed' },
    },
    {
      name: 'managed: an object without managed-by',
      reverse: 'managed',
      metadata: { labels: { [standard]: 'eg' } },
      decision: { reason: 'not-managed' },
    },
    {
      name: 'managed: an invalid value has precedence',
      reverse: 'managed',
      metadata: { labels: { [standard]: '' } },
      decision: { reason: 'invalid-value' },
    },
    {
      name: 'managed: the other direction does not change',
      reverse: 'managed',
      metadata: { labels: { [owner]: 'eg' } },
      decision: addStandard('eg'),
    },
    {
      name: 'off: an object of Envoy Gateway',
      reverse: 'off',
      metadata: { labels: { ...MANAGED, [standard]: 'eg' } },
      decision: { reason: 'not-managed' },
    },
    {
      name: 'off: the other direction does not change',
      reverse: 'off',
      metadata: { labels: { [owner]: 'eg' } },
      decision: addStandard('eg'),
    },
    {
      name: 'both: an object of another implementation',
      reverse: 'both',
      metadata: { labels: { [standard]: 'eg' } },
      decision: addOwner('eg'),
    },
  ])('restricts the reverse direction: $name', ({ metadata, reverse, decision }) => {
    expect(decide(metadata, reverse)).toEqual(decision);
  });

  test.for(RECORDED_REVIEWS)('returns the expected decision for %s', (file) => {
    const metadata = recorded(file).request.object?.metadata ?? {};
    expect(decide(metadata, 'managed').reason).toBe(RECORDED_REASONS[file]);
  });
});

describe('REASONS', () => {
  test('are the values in metrics, logs and audit annotations', () => {
    expect(REASONS).toEqual([
      'added-standard',
      'added-owner',
      'complete',
      'conflict',
      'no-gateway',
      'invalid-value',
      'not-managed',
      'mirror-pod',
      'opted-out',
      'deleting',
    ]);
  });
});
