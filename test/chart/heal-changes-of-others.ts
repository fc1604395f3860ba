import type { Operation } from 'rfc6902';
import { type Labels, OPT_OUT, OWNER, STANDARD } from '../cluster/objects.ts';
import { ADD_OWNER, ADD_STANDARD, SAYS } from './heal-changes.ts';

/** Changes of objects with other labels, and the guard's message for each. */
export const CHANGES_OF_OTHERS: readonly {
  readonly what: string;
  readonly labels: Labels;
  readonly patch: readonly Operation[];
  readonly says: string;
}[] = [
  {
    what: 'both labels at once',
    labels: { app: 'shop' },
    patch: [ADD_STANDARD, ADD_OWNER],
    says: SAYS.one,
  },
  { what: 'a label without the other one', labels: { app: 'shop' }, patch: [ADD_STANDARD], says: SAYS.value },
  {
    what: 'a label on an object without labels',
    labels: {},
    patch: [{ op: 'add', path: '/metadata/labels', value: { [STANDARD]: 'eg' } }],
    says: SAYS.value,
  },
  {
    what: 'a label on an object that is opted out',
    labels: { [OWNER]: 'eg', [OPT_OUT]: '' },
    patch: [ADD_STANDARD],
    says: SAYS.optOut,
  },
  {
    what: 'another value of the label it has added',
    labels: { [OWNER]: 'eg', [STANDARD]: 'eg' },
    patch: [{ ...ADD_STANDARD, value: 'other' }],
    says: SAYS.keeps,
  },
  {
    what: 'the removal of the label it has added',
    labels: { [OWNER]: 'eg', [STANDARD]: 'eg' },
    patch: [{ op: 'remove', path: ADD_STANDARD.path }],
    says: SAYS.keeps,
  },
  {
    what: 'annotations on an object without any',
    labels: { [OWNER]: 'eg' },
    patch: [ADD_STANDARD, { op: 'add', path: '/metadata/annotations', value: { note: '' } }],
    says: SAYS.metadata,
  },
  {
    what: 'finalizers on an object without any',
    labels: { [OWNER]: 'eg' },
    patch: [ADD_STANDARD, { op: 'add', path: '/metadata/finalizers', value: ['example.com/held'] }],
    says: SAYS.metadata,
  },
];
