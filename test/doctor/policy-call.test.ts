import { describe, expect, test } from 'vitest';
import { judgePolicyCall, type PolicyEvidence } from '../../src/doctor/policy-call.ts';
import { installedPolicy } from '../support/installed-policies.ts';

const OBJECT =
  'a ServiceAccount with only gateway.envoyproxy.io/owning-gateway-name, created in here by server-side dry run,';
const WITHOUT = `${OBJECT} does not get gateway.networking.k8s.io/gateway-name:`;

const created = (added: string | undefined): PolicyEvidence['trial'] => ({ outcome: 'created', added, ms: 5 });

function judge(evidence: Partial<PolicyEvidence>) {
  return judgePolicyCall({
    policy: installedPolicy('standard'),
    namespace: 'here',
    hasWebhook: true,
    namespaceLabels: undefined,
    trial: created(undefined),
    counted: undefined,
    ...evidence,
  });
}

describe('judgePolicyCall()', () => {
  test.for([undefined, { no_error: 1 }])('succeeds with both labels, counted %o', (counted) => {
    expect(judge({ trial: created('verify'), counted })).toEqual({
      name: 'policy-adds-standard',
      status: 'ok',
      message: `${OBJECT} gets both labels`,
    });
  });

  test('warns if something other than the policy has added the label', () => {
    expect(judge({ trial: created('verify'), counted: {} })).toEqual({
      name: 'policy-adds-standard',
      status: 'warning',
      message: `${OBJECT} gets both labels, but not by a-name-standard: the API server that answered did not use it`,
      advice: expect.stringContaining('about a second after it is created'),
    });
  });

  test('assumes that the policy has added the label if there is no webhook', () => {
    expect(judge({ hasWebhook: false, trial: created('verify'), counted: {} })).toMatchObject({ status: 'ok' });
  });

  test('fails if the label has another value', () => {
    expect(judge({ trial: created('other'), counted: {} })).toMatchObject({
      name: 'policy-adds-standard',
      status: 'failure',
      class: 'wrong-answer',
    });
  });

  test('warns if the object was refused', () => {
    const trial = { outcome: 'refused', problem: { code: 404, message: 'no such namespace' } } as const;
    expect(judge({ trial })).toMatchObject({ name: 'policy-adds-standard', status: 'warning', class: 'missing' });
  });

  test.for([
    {
      evidence: { policy: installedPolicy('standard', { binding: 'missing' }) },
      expected: {
        status: 'failure',
        class: 'missing',
        message: `${WITHOUT} a-name-standard has no binding, so it does nothing`,
      },
    },
    {
      evidence: { policy: installedPolicy('standard', { binding: 'of-another-policy' }) },
      expected: {
        status: 'failure',
        class: 'changed',
        message: `${WITHOUT} a-name-standard has a binding that names another policy, so it does nothing`,
      },
    },
    {
      evidence: {
        policy: installedPolicy('standard', { namespaceSelector: { matchLabels: { team: 'gateways' } } }),
        namespaceLabels: { team: 'other' },
      },
      expected: { status: 'skipped', message: `${WITHOUT} a-name-standard does not select this namespace` },
    },
    {
      evidence: {},
      expected: { status: 'failure', message: expect.stringContaining(`${WITHOUT} cause unknown`) },
    },
    {
      evidence: { counted: { no_error: 1, invalid_error: 2 } },
      expected: {
        status: 'failure',
        class: 'changed',
        message: `${WITHOUT} a-name-standard fails (invalid_error)`,
        advice: expect.stringContaining('GatewayNameWebhookPolicyFailed'),
      },
    },
    {
      evidence: { namespaceLabels: { team: 'other' }, counted: {} },
      expected: {
        status: 'failure',
        message: `${WITHOUT} the API server that answered did not use a-name-standard`,
        advice: expect.stringContaining('engine=webhook'),
      },
    },
  ])('says why the label is missing: $expected.message', ({ evidence, expected }) => {
    expect(judge(evidence)).toMatchObject({ name: 'policy-adds-standard', ...expected });
  });
});
