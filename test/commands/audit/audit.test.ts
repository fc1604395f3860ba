import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { run } from '../../../src/commands/program.ts';
import { forbidding } from '../../support/access-reviews.ts';
import { entryFor } from '../../support/chart-configuration.ts';
import { testContext } from '../../support/context.ts';
import { environment } from '../../support/environment.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { startStoreApi } from '../../support/store-api.ts';
import { newObject, OWNER, ofEnvoyGateway, STANDARD } from '../../support/stored-objects.ts';

type Api = Parameters<typeof startStoreApi>;

async function audit(args: readonly string[], store: Api[0], options: Api[1] & { readonly isTTY?: boolean } = {}) {
  const api = await startStoreApi(store, options);
  const { context, written } = testContext({ isErrorTTY: options.isTTY === true });
  const exitCode = await run(['audit', ...args], context);
  return { exitCode, ...written, requests: api.requests };
}

function lacking(count: number) {
  return Array.from({ length: count }, (_, index) => newObject('Pod', `pod-${index}`, ofEnvoyGateway('eg')));
}

const CONFLICT = newObject('Pod', 'conflict', { [STANDARD]: 'a', [OWNER]: 'b' });

describe('audit', () => {
  test('lists only metadata of the objects that match its selectors, and changes nothing', async () => {
    const { requests } = await audit(['-A'], new MemoryObjectStore(...lacking(3)));
    expect(requests.every(({ method }) => method === 'GET')).toBe(true);
    for (const { path, query, headers } of requests.filter(
      (request) => request.query['labelSelector'] && !request.path.includes('admissionregistration'),
    )) {
      expect([path, headers.accept]).toEqual([
        expect.stringMatching(/^\/api\/v1\/(pods|services|serviceaccounts)$/),
        'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      ]);
      expect(query['limit']).toMatch(/^(500|1)$/);
    }
  });

  test.for([
    { name: 'no object has a finding', objects: [newObject('Pod', 'a', { [STANDARD]: 'a', [OWNER]: 'a' })], check: 0 },
    { name: 'a label is missing', objects: lacking(1), check: 1 },
    { name: 'the two labels of an object differ', objects: [CONFLICT], check: 1 },
  ])('exits with 0, and with --check with $check, if $name', async ({ objects, check }) => {
    const store = new MemoryObjectStore(...objects);
    expect((await audit(['-A'], store)).exitCode).toBe(0);
    expect((await audit(['-A', '--check'], store)).exitCode).toBe(check);
  });

  test.for([
    { objects: [], says: '0 findings\n' },
    { objects: [CONFLICT], says: '1 finding\n' },
    { objects: lacking(1), says: '1 finding: run `backfill` to add the missing labels\n' },
    { objects: [...lacking(1), CONFLICT], says: '2 findings: run `backfill` to add the missing labels\n' },
  ])('prints the next step, on a terminal and elsewhere: $says', async ({ objects, says }) => {
    const store = new MemoryObjectStore(...objects);
    const unlabelled = 'new objects are not labeled: gateway-name-webhook is not installed\n';
    const reverse = 'using rule.reverse=both (nothing is installed); override it with --reverse\n';
    expect((await audit(['-A'], store, { isTTY: true })).stderr).toBe(reverse + says + unlabelled);

    const refuse: NonNullable<Api[1]>['refuse'] = ({ path }) =>
      path.endsWith('/mutatingwebhookconfigurations/a-name') ? [200, { metadata: { name: 'a-name' } }] : undefined;
    const named = ['-A', '--webhook-configuration', 'a-name', '--reverse', 'both'];
    expect((await audit(named, store, { isTTY: true, refuse })).stderr).toBe(says);
    const isNothing = objects.length === 0;
    expect((await audit(['-A'], store)).stderr).toBe(reverse + (isNothing ? says + unlabelled : ''));
  });

  test('prints nothing without findings', async () => {
    const store = new MemoryObjectStore(newObject('Pod', 'a', { app: 'shop' }));
    expect((await audit(['-A'], store)).stdout).toBe('');
    expect((await audit(['-A', '-o', 'name'], store)).stdout).toBe('');
    expect(JSON.parse((await audit(['-A', '-o', 'json'], store)).stdout)).toStrictEqual({
      findings: [],
      reasons: {},
      wakes: [],
      overlaps: [],
      ambiguousNames: [],
      hasMergedFleet: false,
      otherImplementations: {},
      engine: 'none',
    });
  });

  test('prints only the summary without findings', async () => {
    const store = new MemoryObjectStore(newObject('Pod', 'a', { [STANDARD]: 'a', [OWNER]: 'a' }));
    expect((await audit(['-A'], store)).stdout).toBe('REASON     OBJECTS\ncomplete   1\n');
  });

  test('prints the same facts as YAML and as JSON', async () => {
    const store = new MemoryObjectStore(...lacking(2), CONFLICT);
    const [json, yaml] = [await audit(['-A', '-o', 'json'], store), await audit(['-A', '-o', 'yaml'], store)];
    expect(parse(yaml.stdout)).toStrictEqual(JSON.parse(json.stdout));
    expect(JSON.parse(json.stdout).findings).toHaveLength(3);
  });

  test.for([
    { args: [], namespaces: ['default'] },
    { args: ['--context', 'namespaced'], namespaces: ['of-the-context'] },
    { args: ['-n', 'a', '-n', 'b'], namespaces: ['a', 'b'] },
    { args: ['-A'], namespaces: ['a', 'b', 'default', 'of-the-context'] },
    { args: ['-A', '--namespace-selector', 'team=x'], namespaces: ['b'] },
  ])('checks the given namespaces: $args', async ({ args, namespaces }) => {
    const everywhere = ['a', 'b', 'default', 'of-the-context'];
    const store = new MemoryObjectStore(...everywhere.map((name) => newObject('Pod', `${name}/a`, { [OWNER]: 'eg' })));
    for (const name of everywhere) store.namespaceLabels.set(name, name === 'b' ? { team: 'x' } : {});
    const { stdout } = await audit(['-o', 'json', ...args], store);
    const found = JSON.parse(stdout).findings.map(({ namespace }: { namespace: string }) => namespace);
    expect(found).toEqual(namespaces);
  });

  test('uses the direction in the flag or in the environment', async () => {
    const store = new MemoryObjectStore(newObject('Pod', 'a', { [STANDARD]: 'eg' }));
    expect((await audit(['-A', '-o', 'name'], store)).stdout).toBe('pod/a\n');
    expect((await audit(['-A', '-o', 'name', '--reverse', 'off'], store)).stdout).toBe('');
    environment({ GATEWAY_NAME_WEBHOOK_REVERSE: 'managed' });
    expect((await audit(['-A', '-o', 'name'], store)).stdout).toBe('');
  });

  test.for([
    { reverse: 'both', entry: entryFor('owner'), found: 'pod/a\n' },
    { reverse: 'off', entry: { ...entryFor('owner'), rules: [] }, found: '' },
  ])('uses rule.reverse of the installation: $reverse', async ({ reverse, entry, found }) => {
    const store = new MemoryObjectStore(newObject('Pod', 'a', { [STANDARD]: 'eg' }));
    const configurations = [{ metadata: { name: 'a-name' }, webhooks: [entry] }];
    const { stdout, stderr } = await audit(['-A', '-o', 'name'], store, { configurations });
    expect(stdout).toBe(found);
    expect(stderr).toContain(`using rule.reverse=${reverse} (from a-name); override it with --reverse\n`);
    const said = await audit(['-A', '-o', 'name', '--reverse', 'both'], store, { configurations });
    expect([said.stdout, said.stderr]).toEqual(['pod/a\n', '']);
  });

  test('says that it cannot read rule.reverse', async () => {
    const refuse: NonNullable<Api[1]>['refuse'] = ({ path }) =>
      path.endsWith('/mutatingwebhookconfigurations') ? [403, { message: 'no' }] : undefined;
    const { exitCode, stderr } = await audit(['-A'], new MemoryObjectStore(), { refuse });
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^using rule\.reverse=both \(cannot read the installation\); override it with --reverse\nThe API server .*no\n/,
    );
  });

  test('asks for one of several releases', async () => {
    const configurations = ['a', 'b'].map((name) => ({ metadata: { name } }));
    const { exitCode, stdout, stderr } = await audit(['-A'], new MemoryObjectStore(), { configurations });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toBe('error: Found several releases: a, b. Choose one with --webhook-configuration a or b\n');
  });

  test('waits for a slow reader', async () => {
    const store = new MemoryObjectStore(...lacking(200));
    store.pageSize = 500;
    await startStoreApi(store);
    const { context, written } = testContext({ isSlow: true });
    expect(await run(['audit', '--reverse', 'both', '-A', '-o', 'yaml'], context)).toBe(0);
    // Most of the output has left the stream's buffer.
    expect(context.stdout.writableLength).toBeLessThan(20_000);
    await promisify(context.stdout.end.bind(context.stdout))();
    expect(parse(written.stdout).findings).toHaveLength(200);
  });
});

describe('audit, if the API server fails in the middle of a list,', () => {
  function away() {
    let pages = 0;
    return {
      refuse: ({ path }: { readonly path: string }) => {
        if (!path.endsWith('/pods')) return undefined;
        pages += 1;
        return pages > 1 ? ([401, { message: 'Unauthorized' }] as const) : undefined;
      },
    };
  }
  const says = 'The API server refused GET /api/v1/pods: Unauthorized';

  test('exits with 2 and prints the reason', async () => {
    const { exitCode, stderr } = await audit(['-A'], new MemoryObjectStore(...lacking(4)), away());
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(new RegExp(`\nerror: ${says}\n$`))]);
  });

  test('prints the findings so far', async () => {
    const store = new MemoryObjectStore(...lacking(4));
    const { stdout } = await audit(['-A'], store, away());
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/)[2])).toEqual(['NAME', 'pod-0', 'pod-1', undefined]);
    expect((await audit(['-A', '-o', 'name'], store, away())).stdout).toBe('pod/pod-0\npod/pod-1\n');
  });

  test('completes the document, with the error in it', async () => {
    const store = new MemoryObjectStore(...lacking(4));
    const json = JSON.parse((await audit(['-A', '-o', 'json'], store, away())).stdout);
    expect([json.findings.length, json.error, Object.keys(json)]).toEqual([2, says, ['findings', 'error']]);
    expect(parse((await audit(['-A', '-o', 'yaml'], store, away())).stdout)).toStrictEqual(json);
  });

  test('prints an empty document if the first call fails', async () => {
    const refuse = () => [401, { message: 'Unauthorized' }] as const;
    const { stdout } = await audit(['-A', '-o', 'json'], new MemoryObjectStore(), { refuse });
    expect(JSON.parse(stdout)).toStrictEqual({ findings: [], error: expect.stringContaining('Unauthorized') });
  });
});

describe('audit without permissions', () => {
  const LISTED = ['serviceaccounts', 'pods', 'services', 'poddisruptionbudgets.policy'];
  const lists = (namespace: string) =>
    [...LISTED, 'networkpolicies.networking.k8s.io'].map((resource) => `list ${resource} ${namespace}`);

  test.for([
    { args: ['-n', 'a'], rights: lists('a') },
    { args: ['-A'], rights: [...lists('*'), 'list namespaces *'] },
  ])('prints the missing permissions: $args', async ({ args, rights }) => {
    const { asked, refuse } = forbidding();
    const { exitCode, stdout, stderr } = await audit(args, new MemoryObjectStore(), { refuse });
    expect([exitCode, stdout]).toEqual([2, '']);
    const installed = ['mutatingwebhookconfigurations', 'mutatingadmissionpolicies'];
    expect(asked).toEqual([...installed.map((name) => `list ${name}.admissionregistration.k8s.io *`), ...rights]);
    expect(stderr).toMatch(/^using rule\.reverse=both \(cannot read the installation\); /);
    expect(stderr).toMatch(/\nerror: User "jane" is not allowed to list .*\n {2}kubectl create (cluster)?role /);
    expect(stderr).toContain('gateway-name-webhook-audit');
  });
});
