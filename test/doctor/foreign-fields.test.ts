import { describe, expect, test } from 'vitest';
import { foreignFields } from '../../src/doctor/foreign-fields.ts';

const KEY = 'k:{"name":"a"}';
const MADE = ['f:name', 'f:rules', 'f:objectSelector', 'f:timeoutSeconds', 'f:sideEffects'];

/** The managedFields record of a manager. */
function record(manager: string, fields: readonly string[], time = '2026-01-01T00:00:00Z') {
  const entry = { '.': {}, ...Object.fromEntries(fields.map((field) => [field, {}])) };
  return { manager, time, fieldsV1: { 'f:webhooks': { '.': {}, [KEY]: entry } } };
}

const clientConfig = (manager: string, ...below: readonly string[]) => ({
  manager,
  fieldsV1: { 'f:webhooks': { [KEY]: { 'f:clientConfig': Object.fromEntries(below.map((field) => [field, {}])) } } },
});

describe('foreignFields()', () => {
  test.for([
    ['no record', undefined],
    ['one tool', [record('helm', MADE)]],
    ['a tool in two versions', [record('helm', MADE), record('helm3', MADE.slice(0, 4))]],
    ['two operations of one tool', [record('helm', MADE.slice(0, 2)), record('helm', MADE.slice(2))]],
    [
      'a caBundle of another manager',
      [
        record('helm', MADE),
        record('gateway-name-webhook', ['f:name']),
        clientConfig('gateway-name-webhook', 'f:caBundle'),
      ],
    ],
    [
      'another entry',
      [record('helm', MADE), { manager: 'bob', fieldsV1: { 'f:webhooks': { 'k:{"name":"b"}': { 'f:rules': {} } } } }],
    ],
    ['other fields', [record('helm', MADE), { manager: 'bob', fieldsV1: { 'f:metadata': { 'f:labels': {} } } }]],
  ] as const)('finds none with %s', ([, managedFields]) => {
    expect(foreignFields(managedFields, 'a')).toEqual([]);
  });

  test.for(['helm', 'kubectl-client-side-apply', 'argocd-controller', 'kustomize-controller', 'anything'])(
    'detects an edit of a webhook configuration that %s has installed',
    (installer) => {
      const edit = record('kubectl-edit', ['f:name', 'f:rules'], '2026-01-02T00:00:00Z');
      expect(
        foreignFields(
          [
            record(
              installer,
              MADE.filter((field) => field !== 'f:rules'),
            ),
            edit,
          ],
          'a',
        ),
      ).toEqual([{ field: 'rules', manager: 'kubectl-edit', time: '2026-01-02T00:00:00Z' }]);
    },
  );

  test('returns the last of several managers that have set a field', () => {
    const [first, last] = [
      record('bob', ['f:rules'], '2026-01-02T00:00:00Z'),
      record('eve', ['f:rules'], '2026-01-03T00:00:00Z'),
    ];
    const expected = [{ field: 'rules', manager: 'eve', time: '2026-01-03T00:00:00Z' }];
    expect(foreignFields([record('helm', MADE), first, last], 'a')).toEqual(expected);
    expect(foreignFields([last, first, record('helm', MADE)], 'a')).toEqual(expected);
  });

  test('returns an unknown manager if no record has the field', () => {
    const { fieldsV1 } = record('', ['f:rules']);
    expect(foreignFields([record('helm', MADE), { fieldsV1 }], 'a')).toEqual([
      { field: 'rules', manager: 'unknown', time: 'unknown' },
    ]);
  });

  test('reports a change of clientConfig, but not of its caBundle', () => {
    expect(foreignFields([record('helm', MADE), clientConfig('bob', 'f:caBundle', 'f:service')], 'a')).toMatchObject([
      { field: 'clientConfig', manager: 'bob' },
    ]);
  });
});
