import { applyPatch, type Operation } from 'rfc6902';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callApi } from '../cluster/api.ts';
import { eventually } from '../cluster/eventually.ts';
import { kubectl } from '../cluster/kubectl.ts';
import {
  create,
  createNamespace,
  KINDS,
  type Kind,
  type Labels,
  OWNER,
  objectOf,
  STANDARD,
} from '../cluster/objects.ts';
import { serveForeignKinds, serveKinds } from './foreign-kinds.ts';
import { type Attempt, asDryRun, Guarded } from './guarded.ts';
import { ADD_OWNER, ADD_STANDARD, CHANGES, type Change, objectToHeal, SAYS } from './heal-changes.ts';
import { CHANGES_OF_OTHERS } from './heal-changes-of-others.ts';
import { OTHER_SERVICES, requestsIn } from './heal-requests.ts';
import { describeInstalled } from './installed.ts';

/** The ways to change an object. */
const WAYS: readonly { readonly way: string; readonly attempt: (path: string, change: Change) => Promise<Attempt> }[] =
  [
    { way: 'a JSON patch', attempt: async (path, { patch }) => jsonPatch(path, patch) },
    { way: 'a dry run', attempt: async (path, { patch }) => asDryRun(jsonPatch(path, patch)) },
    { way: 'an update', attempt: async (path, { patch }) => update(path, patch) },
  ];

describeInstalled('the guard of heal', () => {
  let guarded: Guarded;
  let namespace: string;

  beforeAll(async () => {
    await serveForeignKinds();
    guarded = await Guarded.install({});
    namespace = await createNamespace();
    for (const kind of KINDS) await create(objectToHeal(kind, namespace));
    await serveKinds([OTHER_SERVICES]);
    const { group, kind } = OTHER_SERVICES;
    await create({ ...objectOf('Service', { namespace, labels: { [OWNER]: 'eg' } }), apiVersion: `${group}/v1`, kind });
  });
  afterAll(() => guarded[Symbol.asyncDispose]());

  /** The requests that this Kubernetes version serves: the guard cannot deny others. */
  async function servedRequests() {
    const { resources } = (await callApi('GET', '/api/v1')).body as { readonly resources: readonly { name: string }[] };
    const served = new Set(resources.map(({ name }) => name));
    return requestsIn(namespace, guarded).filter(({ needs }) => needs === undefined || served.has(needs));
  }

  test.for(KINDS)('allows adding the missing label of a %s', async (kind) => {
    for (const [label, add] of [
      [OWNER, ADD_STANDARD],
      [STANDARD, ADD_OWNER],
    ] as const) {
      const path = await createLabelled(kind, { [label]: 'eg', app: 'shop' });
      const { body } = await guarded.call(jsonPatch(path, [add]));
      expect(body).toHaveProperty('metadata.labels', { [OWNER]: 'eg', [STANDARD]: 'eg', app: 'shop' });
    }
  });

  test('allows adding the label with every kind of write', async () => {
    const merge = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'eg', labels: { [STANDARD]: 'eg' } } };
    for (const attempt of [
      (path: string) => asDryRun(jsonPatch(path, [ADD_STANDARD])),
      (path: string) => update(path, [ADD_STANDARD]),
      (path: string) => ({ method: 'PATCH', path, body: merge, type: 'application/merge-patch+json' }),
      (path: string) => ({ ...serverSideApply(path), body: merge }),
    ]) {
      const path = await createLabelled('Service', { [OWNER]: 'eg' });
      const { body } = await guarded.call(await attempt(path));
      expect(body).toHaveProperty('metadata.labels', { [OWNER]: 'eg', [STANDARD]: 'eg' });
    }
  });

  test('allows adding the label to a Pod of 1 MB', async () => {
    const env = Array.from({ length: 10_000 }, (_, index) => ({ name: `VARIABLE_${index}`, value: 'x'.repeat(80) }));
    const metadata = { namespace: await createNamespace(), labels: { [OWNER]: 'eg' } };
    await create({ ...objectOf('Pod', metadata), spec: { containers: [{ name: 'envoy', image: 'envoy', env }] } });

    const { body } = await guarded.call(jsonPatch(pathOf(metadata.namespace, 'Pod'), [ADD_STANDARD]));
    expect(JSON.stringify(body).length).toBeGreaterThan(1_000_000);
    expect(body).toHaveProperty('metadata.labels', { [OWNER]: 'eg', [STANDARD]: 'eg' });
  });

  for (const { way, attempt } of WAYS) {
    test.for(CHANGES)(`denies $what for a $kind, with ${way}`, async (change) => {
      const path = pathOf(namespace, change.kind);
      const before = await callApi('GET', path);
      expect(guarded.denialIn(await guarded.call(await attempt(path, change)))).toBe(change.says);
      expect(await callApi('GET', path)).toEqual(before);
    });
  }

  test.for(CHANGES_OF_OTHERS)('denies $what', async ({ labels, patch, says }) => {
    const path = await createLabelled('Service', labels);
    expect(guarded.denialIn(await guarded.call(jsonPatch(path, patch)))).toBe(says);
  });

  test('denies removing the label that heal has applied', async () => {
    const path = await createLabelled('Service', { [OWNER]: 'eg' });
    const empty = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'eg' } };
    const applied = { ...empty, metadata: { name: 'eg', labels: { [STANDARD]: 'eg' } } };
    expect(await guarded.call({ ...serverSideApply(path), body: applied })).toMatchObject({ status: 200 });
    expect(guarded.denialIn(await guarded.call({ ...serverSideApply(path), body: empty }))).toBe(SAYS.keeps);
  });

  test('denies every other request, even as a dry run', async () => {
    const requests = await servedRequests();
    const dryRuns = requests.filter(({ connects }) => !connects).map(asDryRun);
    const said = [];
    for (const request of [...requests, ...dryRuns]) {
      said.push({ ...request, says: guarded.denialIn(await guarded.call(request)) });
    }
    expect(said).toEqual([...requests, ...dryRuns].map((request) => ({ ...request, says: SAYS.adds })));
    for (const kind of KINDS) expect(await callApi('GET', pathOf(namespace, kind))).toMatchObject({ status: 200 });
  });

  test('applies to a ServiceAccount with this name in every namespace, because a tool may have moved it', async () => {
    const attempt = asDryRun({ method: 'POST', path: `/api/v1/namespaces/${namespace}/configmaps` });
    const deniedTo = async (user: string) => {
      const body = { metadata: { name: 'probe' } };
      const as = { 'impersonate-user': user, 'impersonate-group': 'system:masters' };
      const answer = await callApi(attempt.method, attempt.path, body, as);
      return answer.status === 201 ? 'nothing' : guarded.denialIn(answer);
    };

    expect(await deniedTo(`system:serviceaccount:elsewhere:${guarded.heal}`)).toBe(SAYS.adds);
    for (const user of [
      guarded.heal,
      `system:serviceaccount:elsewhere:${guarded.heal}-2`,
      `system:serviceaccount:elsewhere:of-${guarded.heal}`,
      `system:serviceaccount:${guarded.heal}:default`,
    ]) {
      expect(await deniedTo(user), user).toBe('nothing');
    }
  });

  test('does not apply to other users', async () => {
    const changes = CHANGES.map(({ kind, patch }) => asDryRun(jsonPatch(pathOf(namespace, kind), patch)));
    const requests = (await servedRequests()).filter(({ connects }) => !connects);
    const refused = [];
    for (const attempt of [...changes, ...requests.map(asDryRun)]) {
      const { method, path, body, type } = attempt;
      const answer = await callApi(method, path, body, type === undefined ? {} : { 'content-type': type });
      if (answer.status >= 300) refused.push({ attempt, answer });
    }
    expect(refused).toEqual([]);
  });

  test('cannot deny requests that skip admission policies: reads, reviews, and changes of policies', async () => {
    const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
    const spec = { resourceAttributes: { verb: 'patch', resource: 'pods' } };
    for (const attempt of [
      { method: 'GET', path: '/api/v1/secrets' },
      { method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: {} },
      { method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body: { spec } },
      asDryRun({ method: 'DELETE', path: `${policies}/${guarded.heal}` }),
    ]) {
      const { status } = await guarded.call(attempt);
      expect({ ...attempt, status }).toEqual({ ...attempt, status: attempt.method === 'POST' ? 201 : 200 });
    }
  });

  test('has no expression that causes a warning of the API server', async () => {
    const read = ['get', 'validatingadmissionpolicy', guarded.heal, '-o', 'jsonpath={.status}'];
    const checked = await eventually('the type check of the guard', async () => {
      const status = JSON.parse((await kubectl(read)) || '{}');
      return status.typeChecking ? status : undefined;
    });
    expect(checked).toEqual({ observedGeneration: 1, typeChecking: {} });
  });
});

describeInstalled('the guard of heal with a narrower rule', () => {
  const managed = { [STANDARD]: 'eg', 'app.kubernetes.io/managed-by': 'envoy-gateway' };
  test.for([
    {
      reverse: 'managed',
      ofManaged: 'added',
      says: `heal may only add one label, ${STANDARD} or, to objects managed by Envoy Gateway, ${OWNER}`,
    },
    {
      reverse: 'off',
      ofManaged: `heal may only add the label ${STANDARD}`,
      says: `heal may only add the label ${STANDARD}`,
    },
  ])('denies labels that rule.reverse $reverse excludes', async ({ reverse, ofManaged, says }) => {
    await using guarded = await Guarded.install({ rule: { reverse } });
    const said = async (labels: Labels, add: Operation) => {
      const answer = await guarded.call(jsonPatch(await createLabelled('Pod', labels), [add]));
      return answer.status === 200 ? 'added' : guarded.denialIn(answer);
    };
    expect(await said({ [OWNER]: 'eg' }, ADD_STANDARD)).toBe('added');
    expect(await said(managed, ADD_OWNER)).toBe(ofManaged);
    expect(await said({ ...managed, 'app.kubernetes.io/managed-by': 'Helm' }, ADD_OWNER)).toBe(says);
    expect(await said({ [STANDARD]: 'eg' }, ADD_OWNER)).toBe(says);
  });
});

function pathOf(namespace: string, kind: Kind): string {
  return `/api/v1/namespaces/${namespace}/${kind.toLowerCase()}s/eg`;
}

/** Creates an object in a new namespace, and returns its path. */
async function createLabelled(kind: Kind, labels: Labels): Promise<string> {
  const namespace = await createNamespace();
  await create(objectOf(kind, { namespace, labels }));
  return pathOf(namespace, kind);
}

function jsonPatch(path: string, body: readonly Operation[]): Attempt {
  return { method: 'PATCH', path, body, type: 'application/json-patch+json' };
}

function serverSideApply(path: string): Attempt {
  return { method: 'PATCH', path: `${path}?fieldManager=heal`, type: 'application/apply-patch+yaml' };
}

/** Reads an object; returns an update that writes it with the patch applied. */
async function update(path: string, patch: readonly Operation[]): Promise<Attempt> {
  const { body } = await callApi('GET', path);
  expect(applyPatch(body, [...patch]).filter((error) => error !== null)).toEqual([]);
  return { method: 'PUT', path, body };
}
