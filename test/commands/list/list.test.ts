import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { run } from '../../../src/commands/program.ts';
import { testContext } from '../../support/context.ts';
import { startObjectApi } from '../../support/object-api.ts';
import { OWNER, STANDARD, storedObject } from '../../support/objects.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-23T12:00:00Z') }));
afterEach(() => void vi.useRealTimers());

async function list(...args: readonly string[]) {
  const { context, written } = testContext();
  const exitCode = await run(['list', ...args], context);
  return { exitCode, ...written };
}

const created = (creationTimestamp: string) => ({ creationTimestamp });
const OBJECTS = [
  storedObject('Service', 'envoy-eg', { ...OWNER('eg', 'shop'), ...STANDARD('eg') }, created('2026-11-10T12:00:00Z')),
  storedObject('Pod', 'envoy-eg-0', OWNER('eg', 'shop'), created('2026-11-23T11:54:30Z')),
  storedObject('Pod', 'envoy-blog', { ...OWNER('blog', 'shop'), ...STANDARD('log') }),
  storedObject('ServiceAccount', 'default/istio', STANDARD('istio')),
];
const NAMESPACES = { default: {}, 'envoy-gateway-system': { team: 'infra' } };

/** The objects with one of the labels, in wide format. */
const TABLE = `GATEWAY         NAMESPACE              KIND             NAME         STANDARD   OWNER             AGE
default/istio   default                ServiceAccount   istio        istio      -                 3h
shop/blog       envoy-gateway-system   Pod              envoy-blog   log        blog (conflict)   3h
shop/eg         envoy-gateway-system   Pod              envoy-eg-0   -          eg                5m30s
shop/eg         envoy-gateway-system   Service          envoy-eg     eg         eg                13d
`;

describe('list', () => {
  test('prints a table of the objects generated for Gateways', async () => {
    const { requests } = await startObjectApi({ objects: OBJECTS });
    expect(await list('-A')).toEqual({ exitCode: 0, stdout: TABLE, stderr: '' });
    expect(requests.every(({ headers }) => headers.accept?.includes('as=PartialObjectMetadataList'))).toBe(true);
  });

  test('prints JSON, and the same as YAML', async () => {
    await startObjectApi({ objects: OBJECTS });
    const json = await list('-A', '-o', 'json');
    expect(json).toEqual({
      exitCode: 0,
      stdout: `{
  "gateways": [
    {"gateway":{"namespace":"default","name":"istio"},"objects":[{"kind":"ServiceAccount","namespace":"default","name":"istio","creationTimestamp":"2026-11-23T09:00:00Z","labels":{"gateway.networking.k8s.io/gateway-name":"istio"}}]},
    {"gateway":{"namespace":"shop","name":"blog"},"objects":[{"kind":"Pod","namespace":"envoy-gateway-system","name":"envoy-blog","creationTimestamp":"2026-11-23T09:00:00Z","labels":{"gateway.networking.k8s.io/gateway-name":"log","gateway.envoyproxy.io/owning-gateway-name":"blog"}}]},
    {"gateway":{"namespace":"shop","name":"eg"},"objects":[{"kind":"Pod","namespace":"envoy-gateway-system","name":"envoy-eg-0","creationTimestamp":"2026-11-23T11:54:30Z","labels":{"gateway.envoyproxy.io/owning-gateway-name":"eg"}},{"kind":"Service","namespace":"envoy-gateway-system","name":"envoy-eg","creationTimestamp":"2026-11-10T12:00:00Z","labels":{"gateway.networking.k8s.io/gateway-name":"eg","gateway.envoyproxy.io/owning-gateway-name":"eg"}}]}
  ]
}
`,
      stderr: '',
    });
    expect(parse((await list('-A', '-o', 'yaml')).stdout)).toStrictEqual(JSON.parse(json.stdout));
  });

  test('prints rows without a header', async () => {
    await startObjectApi({ objects: OBJECTS });
    const { stdout } = await list('-A', '--no-headers');
    expect(stdout.split('\n').map((line) => line.split(/ +/)[3])).toEqual([
      'istio',
      'envoy-blog',
      'envoy-eg-0',
      'envoy-eg',
      undefined,
    ]);
    expect(await list('-A', '--no-headers', '-o', 'json')).toEqual(await list('-A', '-o', 'json'));
  });

  test('prints names that kubectl accepts', async () => {
    await startObjectApi({ objects: OBJECTS });
    const { stdout } = await list('eg', '-n', 'envoy-gateway-system', '-o', 'name');
    expect(stdout).toBe('pod/envoy-eg-0\nservice/envoy-eg\n');
  });

  test.for([
    { args: [], names: 'serviceaccount/istio\n' },
    { args: ['--context', 'namespaced'], names: '' },
    { args: ['-n', 'default', '-n', 'envoy-gateway-system', 'shop/blog'], names: 'pod/envoy-blog\n' },
    { args: ['default/eg', '-A'], names: '' },
    { args: ['-A', '--namespace-selector', 'team=infra'], names: 'pod/envoy-blog\npod/envoy-eg-0\nservice/envoy-eg\n' },
  ])('uses the given namespaces: $args', async ({ args, names }) => {
    await startObjectApi({ objects: OBJECTS, namespaces: NAMESPACES });
    expect(await list('-o', 'name', ...args)).toEqual({ exitCode: 0, stdout: names, stderr: '' });
  });

  test.for([
    { args: [], says: 'No objects generated for Gateways found in default namespace.\n' },
    { args: ['-A'], says: 'No objects generated for Gateways found.\n' },
    { args: ['eg', '-n', 'a', '-n', 'b'], says: 'No objects generated for Gateway eg found in a, b namespaces.\n' },
    {
      args: ['-A', '--namespace-selector', 'team=infra'],
      says: 'No objects generated for Gateways found in namespaces with team=infra.\n',
    },
    { args: ['-o', 'name'], says: '' },
  ])('reports that it has found nothing, like kubectl: $args', async ({ args, says }) => {
    await startObjectApi({});
    expect(await list(...args)).toEqual({ exitCode: 0, stdout: '', stderr: says });
  });

  test.for(['json', 'yaml'])('prints an empty list as %s', async (form) => {
    await startObjectApi({});
    const { stdout, stderr } = await list('-o', form);
    expect([parse(stdout), stderr]).toEqual([{ gateways: [] }, '']);
  });

  test.for([
    { args: ['-n', 'shop'], right: 'list serviceaccounts, pods, and services in the namespace shop' },
    {
      args: ['-A', '--namespace-selector', 'a=b'],
      right: 'list serviceaccounts, pods, and services in all namespaces, or to list namespaces',
    },
  ])('prints the missing permission: $args', async ({ args, right }) => {
    await startObjectApi({
      answer: ({ path }) => {
        if (path.endsWith('/selfsubjectaccessreviews')) return [201, { status: { allowed: false } }];
        if (path.endsWith('/selfsubjectreviews')) return [201, { status: { userInfo: { username: 'jane' } } }];
        return [403, { message: 'forbidden' }];
      },
    });
    const { exitCode, stdout, stderr } = await list(...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr.split('.')[0]).toBe(`error: User "jane" is not allowed to ${right}`);
  });

  test.for([
    { args: ['-n', 'a', '-A'], says: '-n and -A are mutually exclusive' },
    {
      args: ['a/b/c'],
      says: 'The Gateway is "a/b/c", expected a name, or a namespace and a name, such as eg or shop/eg',
    },
    { args: ['-o', 'wide'], says: "error: option '-o, --output <form>' argument 'wide' is invalid" },
    { args: ['--context', 'none'], says: 'The kubeconfig has no context "none"' },
  ])('exits with 2 for $args', async ({ args, says }) => {
    await startObjectApi({});
    const { exitCode, stdout, stderr } = await list(...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
  });
});
