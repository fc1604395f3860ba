import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS } from '../../src/admission/gateway.ts';
import { isAdmissionReview, reviewOf, reviewProblem } from '../../src/admission/review.ts';
import { RECORDED_REVIEWS, recorded } from '../support/reviews.ts';

const V1 = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
const NO_REVIEW = 'expected an AdmissionReview of admission.k8s.io/v1';
const { owner } = GATEWAY_LABELS;
const withRequest = (facts: object) => ({ ...V1, request: { uid: 'u', ...facts } });
const withObject = (object: unknown) => withRequest({ object });

describe('isAdmissionReview()', () => {
  test.for(RECORDED_REVIEWS)('accepts %s', (file) => {
    expect(isAdmissionReview(recorded(file))).toBe(true);
  });

  test.for([
    { name: 'only a uid', review: { ...V1, request: { uid: 'u' } } },
    {
      name: 'unknown fields',
      review: { ...V1, more: 1, request: { uid: 'u', more: [], kind: { kind: 'Pod', group: '' } } },
    },
    { name: 'no object, as for DELETE', review: withObject(null) },
    { name: 'null as dryRun', review: withRequest({ dryRun: null }) },
    { name: 'a uid of the maximum length', review: withRequest({ uid: 'u'.repeat(253) }) },
    {
      name: 'labels and annotations that the rule does not use',
      review: withObject({ metadata: { labels: { a: 1 }, annotations: { b: [] } } }),
    },
    { name: 'an object without metadata', review: withObject({}) },
    {
      name: 'null where Go would omit',
      review: withObject({ metadata: { labels: null, annotations: null, deletionTimestamp: null } }),
    },
  ])('accepts $name', ({ review }) => {
    const before = JSON.stringify(review);
    expect(isAdmissionReview(review)).toBe(true);
    expect(JSON.stringify(review)).toBe(before);
  });
});

describe('reviewProblem()', () => {
  test.for([
    { value: undefined, problem: NO_REVIEW },
    { value: null, problem: NO_REVIEW },
    { value: [], problem: NO_REVIEW },
    { value: 'x', problem: NO_REVIEW },
    { value: {}, problem: 'apiVersion is missing, expected "admission.k8s.io/v1"' },
    {
      value: { ...V1, apiVersion: 'admission.k8s.io/v1beta1' },
      problem: 'apiVersion is "admission.k8s.io/v1beta1", expected "admission.k8s.io/v1"',
    },
    {
      value: { ...V1, apiVersion: 'v'.repeat(1000) },
      problem: `apiVersion is "${'v'.repeat(60)}", expected "admission.k8s.io/v1"`,
    },
    { value: { ...V1, kind: 7 }, problem: 'kind is a number, expected "AdmissionReview"' },
    { value: { ...V1, kind: 'Status' }, problem: 'kind is "Status", expected "AdmissionReview"' },
    { value: V1, problem: 'request is missing, expected an object' },
    { value: { ...V1, request: null }, problem: 'request is null, expected an object' },
    { value: { ...V1, request: {} }, problem: 'request.uid is missing, expected a string' },
    { value: { ...V1, request: { uid: '' } }, problem: 'request.uid is empty' },
    { value: { ...V1, request: { uid: 7 } }, problem: 'request.uid is a number, expected a string' },
    { value: { ...V1, request: { uid: 'u'.repeat(254) } }, problem: 'request.uid is longer than 253 characters' },
    { value: withRequest({ kind: 'Pod' }), problem: 'request.kind is "Pod", expected an object' },
    { value: withRequest({ kind: null }), problem: 'request.kind is null, expected an object' },
    { value: withRequest({ kind: {} }), problem: 'request.kind.kind is missing, expected a string' },
    { value: withRequest({ name: null }), problem: 'request.name is null, expected a string' },
    { value: withRequest({ namespace: {} }), problem: 'request.namespace is an object, expected a string' },
    { value: withRequest({ operation: true }), problem: 'request.operation is a boolean, expected a string' },
    { value: withRequest({ dryRun: 'true' }), problem: 'request.dryRun is "true", expected a boolean' },
    { value: withObject(3), problem: 'request.object is a number, expected an object' },
    { value: withObject({ metadata: null }), problem: 'request.object.metadata is null, expected an object' },
    {
      value: withObject({ metadata: { generateName: [] } }),
      problem: 'request.object.metadata.generateName is a list, expected a string',
    },
    {
      value: withObject({ metadata: { deletionTimestamp: 0 } }),
      problem: 'request.object.metadata.deletionTimestamp is a number, expected a string',
    },
    {
      value: withObject({ metadata: { labels: { [owner]: null } } }),
      problem: `request.object.metadata.labels.${owner} is null, expected a string`,
    },
    {
      value: withObject({ metadata: { annotations: [] } }),
      problem: 'request.object.metadata.annotations is a list, expected an object',
    },
  ])('returns: $problem', ({ value, problem }) => {
    expect(isAdmissionReview(value)).toBe(false);
    expect(reviewProblem(value)).toBe(problem);
  });
});

describe('reviewOf()', () => {
  test('returns the same apiVersion and kind', () => {
    const response = { uid: 'u', allowed: true, auditAnnotations: { reason: 'complete' } } as const;
    expect(reviewOf(response)).toEqual({ ...V1, response });
  });
});
