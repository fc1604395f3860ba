import { describe, expect, test } from 'vitest';
import { isAdmissionReview, reviewOf, reviewProblem } from '../../src/admission/review.ts';
import { RECORDED_REVIEWS, recorded } from '../support/reviews.ts';

const V1 = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
const withObject = (object: unknown) => ({ ...V1, request: { uid: 'u', object } });

describe('isAdmissionReview()', () => {
  test.for(RECORDED_REVIEWS)('accepts %s', (file) => {
    expect(isAdmissionReview(recorded(file))).toBe(true);
  });

  test.for([
    { name: 'a uid alone', review: { ...V1, request: { uid: 'u' } } },
    {
      name: 'fields it does not know',
      review: { ...V1, more: 1, request: { uid: 'u', more: [], kind: { kind: 'Pod', group: '' } } },
    },
    { name: 'no object, as for DELETE', review: withObject(null) },
    { name: 'a dryRun of null', review: { ...V1, request: { uid: 'u', dryRun: null } } },
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
    { value: null, problem: 'expected an AdmissionReview of admission.k8s.io/v1, not null' },
    { value: [], problem: 'expected an AdmissionReview of admission.k8s.io/v1, not a list' },
    { value: 'x', problem: 'expected an AdmissionReview of admission.k8s.io/v1, not a string' },
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
    {
      value: withObject({ metadata: { labels: { '~1': 1 } } }),
      problem: 'request.object.metadata.labels.~1 must be string',
    },
    { value: V1, problem: 'it must have required properties request' },
    { value: { ...V1, request: {} }, problem: 'request must have required properties uid' },
    { value: { ...V1, request: { uid: '' } }, problem: 'request.uid must not have fewer than 1 characters' },
    { value: { ...V1, request: { uid: 7 } }, problem: 'request.uid must be string' },
    { value: withObject(3), problem: 'request.object must be object' },
    {
      value: withObject({ metadata: { labels: { 'a/b~c': 1 } } }),
      problem: 'request.object.metadata.labels.a/b~c must be string',
    },
    {
      value: withObject({ metadata: { labels: { ['k'.repeat(300)]: 1 } } }),
      problem: `request.object.metadata.labels.${'k'.repeat(169)}`,
    },
    {
      value: withObject({ metadata: { annotations: [] } }),
      problem: 'request.object.metadata.annotations must be object',
    },
  ])('says: $problem', ({ value, problem }) => {
    expect(isAdmissionReview(value)).toBe(false);
    expect(reviewProblem(value)).toBe(problem);
  });
});

describe('reviewOf()', () => {
  test('echoes apiVersion and kind', () => {
    const response = { uid: 'u', allowed: true, auditAnnotations: { reason: 'complete' } } as const;
    expect(reviewOf(response)).toEqual({ ...V1, response });
  });
});
