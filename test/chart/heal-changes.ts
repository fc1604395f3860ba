import type { Operation } from 'rfc6902';
import { KINDS, type Kind, type KubernetesObject, OPT_OUT, OWNER, objectOf, STANDARD } from '../cluster/objects.ts';

/** A change of an object, and the guard's message. */
export interface Change {
  readonly what: string;
  readonly kind: Kind;
  readonly patch: readonly Operation[];
  readonly says: string;
}

export const SAYS = {
  adds: 'heal may only add labels to Pods, Services and ServiceAccounts',
  changes: 'heal may only change labels',
  metadata: 'heal may only change labels in metadata',
  keeps: 'heal may not change or remove a label',
  one: `heal may only add one label, ${STANDARD} or ${OWNER}`,
  value: 'heal may only add a label with the value of the other label',
  optOut: `heal may not add a label to an object with the label ${OPT_OUT}`,
};

const STANDARD_PATH = `/metadata/labels/${STANDARD.replace('/', '~1')}`;
const OWNER_PATH = `/metadata/labels/${OWNER.replace('/', '~1')}`;
const OPT_OUT_PATH = `/metadata/labels/${OPT_OUT.replace('/', '~1')}`;

/** The changes that heal makes. */
export const ADD_STANDARD = { op: 'add', path: STANDARD_PATH, value: 'eg' } as const;
export const ADD_OWNER = { op: 'add', path: OWNER_PATH, value: 'eg' } as const;

/** An object without the standard label, and with one of everything that a change could remove. */
export function objectToHeal(kind: Kind, namespace: string): KubernetesObject {
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'cf0d6f6a-0a1f-4a2b-9d9c-1f7c1f7a4b11' };
  const object = objectOf(kind, {
    namespace,
    labels: { [OWNER]: 'eg', app: 'shop' },
    annotations: { note: 'kept' },
    finalizers: ['example.com/held'],
    ownerReferences: [owner],
  });
  const container = { name: 'envoy', image: 'envoy', resources: { requests: { cpu: '1m' } } };
  const more = {
    Pod: { spec: { containers: [container] } },
    Service: {},
    ServiceAccount: { imagePullSecrets: [{ name: 'registry' }] },
  };
  return { ...object, ...more[kind] };
}

/** Changes that must be denied for every kind. Most of them also add the label. */
const TO_EVERY_KIND: readonly Omit<Change, 'kind'>[] = [
  { what: 'nothing', patch: [], says: SAYS.one },
  { what: 'another label', patch: [{ op: 'add', path: '/metadata/labels/team', value: 'a' }], says: SAYS.one },
  {
    what: 'another label with it',
    patch: [ADD_STANDARD, { op: 'add', path: '/metadata/labels/team', value: 'a' }],
    says: SAYS.one,
  },
  { what: 'the label with another value', patch: [{ ...ADD_STANDARD, value: 'other' }], says: SAYS.value },
  { what: 'the label with no value', patch: [{ ...ADD_STANDARD, value: '' }], says: SAYS.value },
  {
    what: 'no label, and a changed other label',
    patch: [{ op: 'replace', path: OWNER_PATH, value: 'other' }],
    says: SAYS.keeps,
  },
  {
    what: 'the label and a changed other label',
    patch: [
      { ...ADD_STANDARD, value: 'other' },
      { op: 'replace', path: OWNER_PATH, value: 'other' },
    ],
    says: SAYS.keeps,
  },
  {
    what: 'the label instead of the other',
    patch: [ADD_STANDARD, { op: 'remove', path: OWNER_PATH }],
    says: SAYS.keeps,
  },
  { what: 'no label, and the removal of the other', patch: [{ op: 'remove', path: OWNER_PATH }], says: SAYS.keeps },
  { what: 'the removal of all labels', patch: [{ op: 'remove', path: '/metadata/labels' }], says: SAYS.metadata },
  {
    what: 'a changed label',
    patch: [ADD_STANDARD, { op: 'replace', path: '/metadata/labels/app', value: 'bank' }],
    says: SAYS.keeps,
  },
  { what: 'a removed label', patch: [ADD_STANDARD, { op: 'remove', path: '/metadata/labels/app' }], says: SAYS.keeps },
  { what: 'the opt-out', patch: [{ op: 'add', path: OPT_OUT_PATH, value: '' }], says: SAYS.one },
  {
    what: 'an annotation',
    patch: [ADD_STANDARD, { op: 'add', path: '/metadata/annotations/more', value: '' }],
    says: SAYS.metadata,
  },
  {
    what: 'a changed annotation',
    patch: [ADD_STANDARD, { op: 'replace', path: '/metadata/annotations/note', value: '' }],
    says: SAYS.metadata,
  },
  {
    what: 'no annotations',
    patch: [ADD_STANDARD, { op: 'remove', path: '/metadata/annotations' }],
    says: SAYS.metadata,
  },
  {
    what: 'a finalizer',
    patch: [ADD_STANDARD, { op: 'add', path: '/metadata/finalizers/-', value: 'example.com/more' }],
    says: SAYS.metadata,
  },
  { what: 'no finalizers', patch: [ADD_STANDARD, { op: 'remove', path: '/metadata/finalizers' }], says: SAYS.metadata },
  {
    what: 'another owner',
    patch: [ADD_STANDARD, { op: 'replace', path: '/metadata/ownerReferences/0/name', value: 'other' }],
    says: SAYS.metadata,
  },
  { what: 'no owner', patch: [ADD_STANDARD, { op: 'remove', path: '/metadata/ownerReferences' }], says: SAYS.metadata },
  {
    what: 'no managed fields',
    patch: [ADD_STANDARD, { op: 'replace', path: '/metadata/managedFields', value: [{}] }],
    says: SAYS.metadata,
  },
];

/** Changes that must be denied for one kind, together with the label. */
const TO_A_KIND: Readonly<Record<Kind, readonly { readonly what: string; readonly change: Operation }[]>> = {
  Pod: [
    { what: 'another image', change: { op: 'replace', path: '/spec/containers/0/image', value: 'other' } },
    { what: 'a deadline', change: { op: 'add', path: '/spec/activeDeadlineSeconds', value: 1 } },
    { what: 'a toleration', change: { op: 'add', path: '/spec/tolerations/-', value: { operator: 'Exists' } } },
  ],
  Service: [
    { what: 'a selector', change: { op: 'add', path: '/spec/selector', value: { app: 'shop' } } },
    { what: 'an external address', change: { op: 'add', path: '/spec/externalIPs', value: ['192.0.2.7'] } },
    { what: 'another port', change: { op: 'replace', path: '/spec/ports/0/port', value: 81 } },
  ],
  ServiceAccount: [
    { what: 'another pull secret', change: { op: 'add', path: '/imagePullSecrets/-', value: { name: 'other' } } },
    { what: 'no pull secrets', change: { op: 'remove', path: '/imagePullSecrets' } },
    { what: 'a Secret', change: { op: 'add', path: '/secrets', value: [{ name: 'other' }] } },
    { what: 'an automounted token', change: { op: 'add', path: '/automountServiceAccountToken', value: true } },
  ],
};

/** Changes that an administrator may make, but heal must not. */
export const CHANGES: readonly Change[] = KINDS.flatMap((kind) => [
  ...TO_EVERY_KIND.map((change) => ({ ...change, kind })),
  ...TO_A_KIND[kind].map(({ what, change }) => ({ what, kind, patch: [ADD_STANDARD, change], says: SAYS.changes })),
]);
