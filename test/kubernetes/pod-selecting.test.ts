import { describe, expect, test } from 'vitest';
import { podSelecting, type SelectingObject } from '../../src/kubernetes/pod-selecting.ts';

const metadata = { namespace: 'n', name: 'a', uid: 'u' };

const A = { matchLabels: { a: '1' } };
const B = { matchExpressions: [{ key: 'b', operator: 'Exists' }] };
const ALL = {};
const IP_BLOCK = { ipBlock: { cidr: '10.0.0.0/8' } };

describe('podSelecting()', () => {
  test('returns the object with its selectors', () => {
    expect(podSelecting('Service', { metadata, spec: { selector: { a: '1' } } })).toStrictEqual({
      kind: 'Service',
      namespace: 'n',
      name: 'a',
      selectors: [{ pods: A }],
    });
  });

  test.for([
    { name: 'its selector', spec: { selector: A }, selectors: [{ pods: A }] },
    { name: 'all Pods', spec: { selector: ALL }, selectors: [{ pods: ALL }] },
    { name: 'none with null', spec: { selector: null }, selectors: [] },
    { name: 'none without a selector', spec: {}, selectors: [] },
    { name: 'none without a spec', spec: undefined, selectors: [] },
  ])('reads the selectors of a PodDisruptionBudget: $name', ({ spec, selectors }) => {
    const budget = { metadata, ...(spec && { spec }) };
    expect(podSelecting('PodDisruptionBudget', budget).selectors).toStrictEqual(selectors);
  });

  test.for([
    { name: 'its labels', spec: { type: 'ClusterIP', selector: { a: '1' } }, selectors: [{ pods: A }] },
    { name: 'none with an empty selector', spec: { selector: {} }, selectors: [] },
    { name: 'none with null', spec: { selector: null }, selectors: [] },
    { name: 'none without a selector', spec: {}, selectors: [] },
    { name: 'none for ExternalName', spec: { type: 'ExternalName', selector: { a: '1' } }, selectors: [] },
  ])('reads the selectors of a Service: $name', ({ spec, selectors }) => {
    expect(podSelecting('Service', { metadata, spec }).selectors).toStrictEqual(selectors);
  });

  test.for([
    { name: 'its selector', spec: { podSelector: A }, selectors: [{ pods: A }] },
    { name: 'all Pods', spec: { podSelector: ALL }, selectors: [{ pods: ALL }] },
    { name: 'all Pods without a selector', spec: {}, selectors: [{ pods: ALL }] },
    { name: 'all Pods with null', spec: { podSelector: null }, selectors: [{ pods: ALL }] },
    {
      name: 'peers in its own namespace, for both directions',
      spec: { podSelector: A, ingress: [{ from: [{ podSelector: B }] }], egress: [{ to: [{ podSelector: ALL }] }] },
      selectors: [{ pods: A }, { pods: B }, { pods: ALL }],
    },
    {
      name: 'peers in other namespaces, with and without a Pod selector',
      spec: {
        podSelector: A,
        ingress: [
          { from: [{ namespaceSelector: B }, { podSelector: B, namespaceSelector: ALL }] },
          { from: [{ namespaceSelector: ALL }] },
        ],
      },
      selectors: [
        { pods: A },
        { pods: ALL, namespaces: B },
        { pods: B, namespaces: ALL },
        { pods: ALL, namespaces: ALL },
      ],
    },
    {
      name: 'no peers for addresses and for empty rules',
      spec: {
        podSelector: A,
        ingress: [{ from: [IP_BLOCK] }, {}, { from: null }, { from: [] }],
        egress: [{ to: [IP_BLOCK] }, {}, { to: null }, { to: [] }],
      },
      selectors: [{ pods: A }],
    },
    { name: 'no peers with null', spec: { podSelector: A, ingress: null, egress: null }, selectors: [{ pods: A }] },
  ])('reads the selectors of a NetworkPolicy: $name', ({ spec, selectors }) => {
    expect(podSelecting('NetworkPolicy', { metadata, spec } as SelectingObject).selectors).toStrictEqual(selectors);
  });
});
