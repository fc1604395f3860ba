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
      name: 'adds nothing to null labels',
      metadata: { labels: null, annotations: null, deletionTimestamp: null },
      decision: { reason: 'no-gateway' },
    },
    {
      name: 'leaves mirror Pods alone',
      metadata: { labels: { [owner]: 'eg' }, annotations: { 'kubernetes.io/config.mirror': '' } },
      decision: { reason: 'mirror-pod' },
    },
    {
      name: 'ignores other annotations',
      metadata: { labels: { [owner]: 'eg' }, annotations: { a: 'b' } },
      decision: addStandard('eg'),
    },
    {
      name: 'leaves out who opted out',
      metadata: { labels: { [owner]: 'eg', 'gateway-name-webhook/ignore': '' } },
      decision: { reason: 'opted-out' },
    },
    {
      name: 'leaves out who opted out with any value',
      metadata: { labels: { 'gateway-name-webhook/ignore': 'false' } },
      decision: { reason: 'opted-out' },
    },
    {
      name: 'leaves out who opted out, whatever its labels',
      metadata: { labels: { [owner]: 'eg', [standard]: 'ge', 'gateway-name-webhook/ignore': '' } },
      decision: { reason: 'opted-out' },
    },
    {
      name: 'leaves mirror Pods alone, whatever their labels',
      metadata: { labels: { [owner]: 'eg', [standard]: 'eg' }, annotations: { 'kubernetes.io/config.mirror': '' } },
      decision: { reason: 'mirror-pod' },
    },
    {
      name: 'takes an opt-out for one only as a label',
      metadata: { labels: { [owner]: 'eg' }, annotations: { 'gateway-name-webhook/ignore': '' } },
      decision: addStandard('eg'),
    },
    {
      name: 'leaves the deleted alone',
      metadata: { labels: { [owner]: 'eg' }, deletionTimestamp: '2026-11-22T20:43:49Z' },
      decision: { reason: 'deleting' },
    },
    {
      name: 'asks for deletion first, then for mirror Pods, then for the opt-out',
      metadata: {
        deletionTimestamp: '2026-11-22T20:43:49Z',
        annotations: { 'kubernetes.io/config.mirror': 'x' },
        labels: { 'gateway-name-webhook/ignore': '', [owner]: 'eg' },
      },
      decision: { reason: 'deleting' },
    },
    {
      name: 'asks for mirror Pods before the opt-out',
      metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' }, labels: { 'gateway-name-webhook/ignore': '' } },
      decision: { reason: 'mirror-pod' },
    },
    {
      name: 'does not take inherited properties for labels',
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
  ])('takes $value for a label value: $usable', ({ value, usable }) => {
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
      name: 'managed: an object of somebody else',
      reverse: 'managed',
      metadata: { labels: { 'app.kubernetes.io/managed-by': 'istio', [standard]: 'eg' } },
      decision: { reason: 'not-managed' },
    },
    {
      name: 'managed: an object of nobody',
      reverse: 'managed',
      metadata: { labels: { [standard]: 'eg' } },
      decision: { reason: 'not-managed' },
    },
    {
      name: 'managed: an invalid value comes first',
      reverse: 'managed',
      metadata: { labels: { [standard]: '' } },
      decision: { reason: 'invalid-value' },
    },
    {
      name: 'managed: the other direction is as ever',
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
      name: 'off: the other direction is as ever',
      reverse: 'off',
      metadata: { labels: { [owner]: 'eg' } },
      decision: addStandard('eg'),
    },
    {
      name: 'both: an object of somebody else',
      reverse: 'both',
      metadata: { labels: { [standard]: 'eg' } },
      decision: addOwner('eg'),
    },
  ])('narrows the reverse direction: $name', ({ metadata, reverse, decision }) => {
    expect(decide(metadata, reverse)).toEqual(decision);
  });

  test.for(RECORDED_REVIEWS)('decides as expected on %s', (file) => {
    const metadata = recorded(file).request.object?.metadata ?? {};
    expect(decide(metadata, 'managed').reason).toBe(RECORDED_REASONS[file]);
  });
});

describe('REASONS', () => {
  test('are the words of metrics, logs and audit annotations', () => {
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
