import { describe, expect, test } from 'vitest';
import { missingRights, NoAccess, withRights } from '../../src/kubernetes/access.ts';
import { ApiError } from '../../src/kubernetes/api-error.ts';
import type { Right } from '../../src/objects/right.ts';
import { clientOf, status } from '../support/api-client.ts';
import type { Answer } from '../support/api-server.ts';

const LIST_PODS: Right = { verb: 'list', group: '', resource: 'pods', namespaced: true };
const PATCH_PODS: Right = { verb: 'patch', group: '', resource: 'pods', namespaced: true };
const LIST_NAMESPACES: Right = { verb: 'list', group: '', resource: 'namespaces', namespaced: false };
const FORWARD: Right = {
  verb: 'create',
  group: 'x.io',
  resource: 'pods',
  subresource: 'portforward',
  namespaced: true,
};

interface Asked {
  readonly namespace?: string;
  readonly verb: string;
  readonly resource: string;
}

/** A client whose permissions `may` decides. */
async function clientWho(
  may: (asked: Asked) => boolean,
  refuse: (path: string) => Answer | undefined = () => undefined,
) {
  const server = await clientOf(({ path, body }) => {
    const refusal = refuse(path);
    if (refusal) return refusal;
    if (path === '/apis/authentication.k8s.io/v1/selfsubjectreviews') {
      return [201, { status: { userInfo: { username: 'jane' } } }];
    }
    const { spec } = body as { spec: { resourceAttributes: Asked } };
    return [201, { status: { allowed: may(spec.resourceAttributes) } }];
  });
  return server;
}

describe('missingRights()', () => {
  test('checks each permission in all namespaces', async () => {
    const { client, requests } = await clientWho(({ verb }) => verb === 'list');
    expect(await missingRights(client, [LIST_PODS, PATCH_PODS, FORWARD], [])).toStrictEqual([
      { ...PATCH_PODS, namespace: undefined },
      { ...FORWARD, namespace: undefined },
    ]);
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview' };
    expect(requests.map(({ method, path, body }) => ({ method, path, body }))).toStrictEqual(
      [
        { verb: 'list', group: '', resource: 'pods' },
        { verb: 'patch', group: '', resource: 'pods' },
        { verb: 'create', group: 'x.io', resource: 'pods', subresource: 'portforward' },
      ].map((resourceAttributes) => ({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        body: { ...review, spec: { resourceAttributes } },
      })),
    );
  });

  test('checks namespaced permissions in each namespace', async () => {
    const { client } = await clientWho(({ namespace }) => namespace === 'a');
    expect(await missingRights(client, [LIST_PODS, LIST_NAMESPACES], ['a', 'b'])).toStrictEqual([
      { ...LIST_PODS, namespace: 'b' },
      { ...LIST_NAMESPACES, namespace: undefined },
    ]);
  });

  test('rejects if the API server does not answer', async () => {
    const { client } = await clientOf(() => status(403, 'no reviews'));
    await expect(missingRights(client, [LIST_PODS], [])).rejects.toMatchObject({ name: 'ApiError', code: 403 });
  });
});

describe('withRights()', () => {
  const needed = { command: 'audit', rights: [LIST_PODS, PATCH_PODS], namespaces: [] };
  const forbidden = new ApiError('pods is forbidden', 403);
  const act = async () => {
    throw forbidden;
  };

  test('runs the action, and checks no permissions if it succeeds', async () => {
    const { client, requests } = await clientWho(() => false);
    expect(await withRights(client, needed, async () => 'done')).toBe('done');
    expect(requests).toEqual([]);
  });

  test('reports the missing permissions, and the commands that grant them', async () => {
    const { client } = await clientWho(({ verb }) => verb === 'list');
    const error = await withRights(client, needed, act).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NoAccess);
    expect(error).toMatchObject({ name: 'NoAccess', cause: forbidden });
    const name = 'gateway-name-webhook-audit-jane-247104';
    expect((error as Error).message.split('\n')).toEqual([
      'User "jane" is not allowed to patch pods in all namespaces. Ask a cluster admin to run:',
      `  kubectl create clusterrole ${name} --verb=patch --resource=pods`,
      `  kubectl create clusterrolebinding ${name} --clusterrole=${name} --user=jane`,
    ]);
  });

  test('rethrows an error if no permission is missing', async () => {
    const { client, requests } = await clientWho(() => true);
    await expect(withRights(client, needed, act)).rejects.toBe(forbidden);
    expect(requests).toHaveLength(2);
  });

  test.for([
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    '/apis/authentication.k8s.io/v1/selfsubjectreviews',
  ])('rethrows it if the API server refuses %s', async (path) => {
    const refuse = (asked: string) => (asked === path ? status(403, 'no') : undefined);
    const { client, requests } = await clientWho(() => false, refuse);
    await expect(withRights(client, needed, act)).rejects.toBe(forbidden);
    expect(requests.at(-1)?.path).toBe(path);
  });

  test.for([new ApiError('not found', 404), new ApiError('away', undefined), new Error('a mistake')])(
    'rethrows an error that is not about permissions: %s',
    async (error) => {
      const { client, requests } = await clientWho(() => false);
      const failing = async () => {
        throw error;
      };
      await expect(withRights(client, needed, failing)).rejects.toBe(error);
      expect(requests).toEqual([]);
    },
  );
});
