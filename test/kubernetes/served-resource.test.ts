import { describe, expect, test } from 'vitest';
import { isServed } from '../../src/kubernetes/access.ts';
import { clientOf } from '../support/api-client.ts';

const GROUP = 'example.com';
const right = { verb: 'get', group: GROUP, resource: 'policies', namespaced: false };

/** Whether a resource is served, given the served resources by version; an undefined version cannot be read. */
async function servedBy(versions: Readonly<Record<string, readonly string[] | undefined>>, asked = right) {
  const answers: Record<string, object | undefined> = {
    [`/apis/${GROUP}`]: { versions: Object.keys(versions).map((version) => ({ groupVersion: `${GROUP}/${version}` })) },
  };
  for (const [version, names] of Object.entries(versions)) {
    answers[`/apis/${GROUP}/${version}`] = names && { resources: names.map((name) => ({ name })) };
  }
  const { client } = await clientOf(({ path }) => (answers[path] ? [200, answers[path]] : [404, {}]));
  return isServed(client, asked);
}

describe('isServed()', () => {
  test.for([
    { what: 'the only version', versions: { v1: ['others', 'policies'] }, served: true },
    { what: 'an older version', versions: { v1: ['others'], v1beta1: ['policies'] }, served: true },
    { what: 'no version', versions: { v1: ['others', 'policies/status'], v1beta1: [] }, served: false },
    { what: 'a version that cannot be read', versions: { v1: ['others'], v1beta1: undefined }, served: true },
  ])('returns $served for a resource of $what', async ({ versions, served }) => {
    expect(await servedBy(versions)).toBe(served);
  });

  test.for(['', 'other.example.com'])('returns true for the group "%s", which is not checked', async (group) => {
    expect(await servedBy({ v1: [] }, { ...right, group })).toBe(true);
  });
});
