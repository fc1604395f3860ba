import { describe, expect, test } from 'vitest';
import { judgeRights, needsOf } from '../../src/doctor/rights.ts';

const NEEDS = needsOf({ trial: 'here', installation: 'there', isNamed: true });
const ALL = Object.values(NEEDS);

describe('judgeRights()', () => {
  test('succeeds if no permission is missing', () => {
    expect(judgeRights(ALL, [], [])).toEqual([
      { name: 'all', status: 'ok', message: 'all 13 permissions that this requires are granted' },
    ]);
  });

  test('says what could not be checked, and who can grant the permissions with which commands', () => {
    const missing = [NEEDS.configuration, NEEDS.portForward, NEEDS.trial, NEEDS.budgets];
    const what = missing.map(({ what }) => what);
    expect(judgeRights(ALL, missing, ['kubectl create role'])).toEqual([
      {
        name: 'get-mutatingwebhookconfigurations.admissionregistration.k8s.io',
        status: 'warning',
        class: 'forbidden',
        message: `missing permission to get mutatingwebhookconfigurations.admissionregistration.k8s.io, needed to check ${what[0]}`,
      },
      {
        name: 'create-pods/portforward',
        status: 'skipped',
        class: 'forbidden',
        message: `missing permission to create pods/portforward in there, needed to check ${what[1]}`,
      },
      {
        name: 'create-serviceaccounts',
        status: 'warning',
        class: 'forbidden',
        message: `missing permission to create serviceaccounts in here, needed to check ${what[2]}`,
      },
      {
        name: 'list-poddisruptionbudgets.policy',
        status: 'skipped',
        class: 'forbidden',
        message: `missing permission to list poddisruptionbudgets.policy in all namespaces, needed to check ${what[3]}`,
      },
      { name: 'grant', status: 'note', message: 'ask a cluster admin to run:', details: ['kubectl create role'] },
    ]);
  });

  test('lists installations if the release is not named', () => {
    const needs = needsOf({ trial: 'here', installation: 'there', isNamed: false });
    expect([needs.configuration.right.verb, needs.policies.right.verb]).toEqual(['list', 'list']);
  });

  test('includes create and get for a WebSocket', () => {
    const verbs = [NEEDS.portForward, NEEDS.portForwardUpgrade].map(({ right }) => right.verb);
    expect(verbs).toEqual(['create', 'get']);
  });

  test('prints no commands if the user is unknown', () => {
    expect(judgeRights(ALL, [NEEDS.pods], []).map(({ name }) => name)).toEqual(['list-pods']);
  });
});
