import { describe, expect, test } from 'vitest';
import { readPolicies } from '../../src/kubernetes/policies.ts';
import { clientOf } from '../support/api-client.ts';
import type { Answer } from '../support/api-server.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const OWNER = `${GROUP}/mutatingadmissionpolicies/release-owner`;
const OWNER_BINDING = `${GROUP}/mutatingadmissionpolicybindings/release-owner`;

const policyNamed = (name: string) => ({
  metadata: { name, creationTimestamp: '2026-11-23T05:00:00Z' },
  spec: { failurePolicy: 'Ignore', matchConstraints: { matchPolicy: 'Equivalent' } },
});
const owner = policyNamed('release-owner');

async function read(answers: Readonly<Record<string, Answer>>) {
  const { client } = await clientOf(({ path }) => answers[path] ?? [404, { message: 'not found' }]);
  return readPolicies(client, 'release');
}

describe('readPolicies()', () => {
  test('reads both policies, with their bindings', async () => {
    const standard = policyNamed('release-standard');
    const found = await read({
      [`${GROUP}/mutatingadmissionpolicies/release-standard`]: [200, standard],
      [`${GROUP}/mutatingadmissionpolicybindings/release-standard`]: [
        200,
        { spec: { policyName: 'release-standard' } },
      ],
      [OWNER]: [200, owner],
      [OWNER_BINDING]: [200, { spec: { policyName: 'release-owner' } }],
    });

    expect(found).toEqual([
      { ...standard, direction: 'standard', binding: 'whole' },
      { ...owner, direction: 'owner', binding: 'whole' },
    ]);
  });

  test('reads v1beta1 if the API server does not serve v1', async () => {
    const found = await read({
      [OWNER.replace('/v1/', '/v1beta1/')]: [200, owner],
      [OWNER_BINDING.replace('/v1/', '/v1beta1/')]: [200, { spec: { policyName: 'release-owner' } }],
    });

    expect(found).toEqual([{ ...owner, direction: 'owner', binding: 'whole' }]);
  });

  test('finds none if there are none, or only bindings', async () => {
    expect(await read({})).toEqual([]);
    expect(await read({ [OWNER_BINDING]: [200, { spec: { policyName: 'release-owner' } }] })).toEqual([]);
  });

  test.for<{ readonly binding: string; readonly spec?: object }>([
    { binding: 'missing' },
    { binding: 'of-another-policy', spec: { policyName: 'other' } },
    { binding: 'whole', spec: { policyName: 'release-owner', matchResources: {} } },
    {
      binding: 'whole',
      spec: { policyName: 'release-owner', matchResources: { matchPolicy: 'Equivalent', objectSelector: {} } },
    },
    {
      binding: 'narrowed',
      spec: { policyName: 'release-owner', matchResources: { namespaceSelector: { matchLabels: { team: 'a' } } } },
    },
    {
      binding: 'narrowed',
      spec: { policyName: 'release-owner', matchResources: { resourceRules: [{ operations: ['UPDATE'] }] } },
    },
  ])('returns the binding state $binding: $spec', async ({ binding, spec }) => {
    const answers: Record<string, Answer> = { [OWNER]: [200, owner] };
    if (spec) answers[OWNER_BINDING] = [200, { spec }];

    expect(await read(answers)).toEqual([{ ...owner, direction: 'owner', binding }]);
  });

  test.for([OWNER, OWNER_BINDING])('rejects without permission for %s', async (path) => {
    await expect(read({ [OWNER]: [200, owner], [path]: [403, { message: 'forbidden' }] })).rejects.toMatchObject({
      code: 403,
    });
  });
});
