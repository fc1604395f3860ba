import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { issueServingCertificate, type KeyedCertificate } from '../../../src/certificates/issue.ts';
import { run } from '../../../src/commands/program.ts';
import type { ClientConfig } from '../../../src/installation/configuration.ts';
import type { StoredObject } from '../../../src/objects/stored-object.ts';
import type { Answer, ReceivedRequest } from '../../support/api-server.ts';
import { localCertificates, validFor } from '../../support/certificates.ts';
import { changedConfiguration, twiceConfiguration } from '../../support/chart-configuration.ts';
import { testContext } from '../../support/context.ts';
import { environment } from '../../support/environment.ts';
import { gatewayObject, OWNER, STANDARD } from '../../support/gateway-objects.ts';
import { startPod, startTrustApi } from '../../support/trust-api.ts';

const BOTH = { [OWNER]: 'verify', [STANDARD]: 'verify' };
const MANAGED = { 'app.kubernetes.io/managed-by': 'envoy-gateway' };
const SERVICE = { namespace: 'its-namespace', name: 'its-service', port: 443, path: '/mutate' };
const ANNOTATIONS = { 'meta.helm.sh/release-name': 'a-release', 'meta.helm.sh/release-namespace': 'its-namespace' };
const NOT_FOUND: Answer = [404, { kind: 'Status', message: 'not found' }];

let ca: KeyedCertificate;
let serving: KeyedCertificate;
let expired: KeyedCertificate;

beforeAll(async () => {
  ({ ca } = await localCertificates());
  const names = ['its-service.its-namespace.svc'];
  serving = await issueServingCertificate({ ca, names, ...validFor(24, new Date()) });
  expired = await issueServingCertificate({ ca, names, ...validFor(-0.5, new Date()) });
});

interface Cluster {
  readonly clientConfig?: Partial<ClientConfig>;
  readonly change?: Parameters<typeof changedConfiguration>[0];
  readonly hasConfiguration?: boolean;
  /** The labels of created ServiceAccounts in the API server's response. */
  readonly created?: object;
  readonly pods?: Readonly<Record<string, KeyedCertificate>>;
  /** Missing permissions, as `verb resource`. */
  readonly missing?: readonly string[];
  readonly objects?: readonly StoredObject[];
  /** By Service name. */
  readonly slices?: Readonly<Record<string, Answer>>;
  /** By the end of the path: replace the default answers. */
  readonly others?: Readonly<Record<string, Answer>>;
}

/** A cluster with a working installation, apart from these differences. */
async function startCluster(cluster: Cluster = {}) {
  const { clientConfig = {}, change, hasConfiguration = true, pods = { 'pod-a': serving, 'pod-b': serving } } = cluster;
  const { webhooks } = changedConfiguration({
    clientConfig: {
      service: SERVICE,
      caBundle: Buffer.from(ca.cert).toString('base64'),
      ...clientConfig,
    } as ClientConfig,
    ...change,
  });
  const api = await startTrustApi({
    configuration: { metadata: { name: 'a-name', annotations: ANNOTATIONS }, webhooks },
    answer: answering(cluster, Object.keys(pods)),
  });
  if (!hasConfiguration) api.objects.configuration = undefined;
  for (const [name, certificate] of Object.entries(pods)) api.pods.set(name, await startPod(certificate));
  return api;
}

function answering(cluster: Cluster, pods: readonly string[]) {
  const { created = BOTH, missing = [], objects = [], others = {}, slices = {} } = cluster;
  const endpoints = pods.map((name) => ({ conditions: { ready: true }, targetRef: { kind: 'Pod', name } }));
  const list = (kind: string): Answer => [
    200,
    { metadata: {}, items: objects.filter((object) => object.kind === kind) },
  ];

  return ({ method, path, query, body }: ReceivedRequest): Answer => {
    const [, other] = Object.entries(others).find(([end]) => path.endsWith(end)) ?? [];
    const slice = slices[String(query['labelSelector']).replace('kubernetes.io/service-name=', '')];
    if (other ?? slice) return (other ?? slice) as Answer;
    if (path.endsWith('/selfsubjectaccessreviews')) {
      const { verb, resource } = (body as { spec: { resourceAttributes: { verb: string; resource: string } } }).spec
        .resourceAttributes;
      return [201, { status: { allowed: !missing.includes(`${verb} ${resource}`) } }];
    }
    if (method === 'POST' && path.endsWith('/serviceaccounts')) return [201, { metadata: { labels: created } }];
    const answers: Readonly<Record<string, Answer>> = {
      '/version': [200, { gitVersion: 'v1.37.2' }],
      '/apis/authentication.k8s.io/v1/selfsubjectreviews': [201, { status: { userInfo: { username: 'jane' } } }],
      '/api/v1/namespaces/its-namespace/services/its-service': [200, { spec: { ports: [{ port: 443 }] } }],
      '/apis/discovery.k8s.io/v1/namespaces/its-namespace/endpointslices': [
        200,
        { items: [{ ports: [{ name: 'https', port: 10_250 }], endpoints }] },
      ],
      '/apis/policy/v1/poddisruptionbudgets': [200, { metadata: {}, items: [] }],
      // Each object only once: in the list of objects with both labels.
      '/api/v1/pods': query['labelSelector'] === `${STANDARD},${OWNER}` ? list('Pod') : list(''),
      '/api/v1/services': query['labelSelector'] === `${STANDARD},${OWNER}` ? list('Service') : list(''),
      '/api/v1/serviceaccounts': list(''),
    };
    return answers[path] ?? NOT_FOUND;
  };
}

async function doctor(args: readonly string[] = [], isTTY = false) {
  const { context, written } = testContext({ isTTY });
  const exitCode = await run(['doctor', '--webhook-configuration', 'a-name', ...args], context);
  return { exitCode, ...written };
}

async function diagnosis(...args: readonly string[]) {
  const { exitCode, stdout } = await doctor([...args, '-o', 'json']);
  const { result, checks } = JSON.parse(stdout) as {
    result: string;
    checks: { section: string; name: string; status: string; message: string }[];
  };
  const of = (section: string) => checks.filter((check) => check.section === section);
  return { exitCode, result, checks, of };
}

const REMOVED = {
  objects: [
    gatewayObject(
      'eg',
      { ...BOTH, ...MANAGED },
      {
        managedFields: [
          {
            manager: 'envoy-gateway',
            fieldsV1: { 'f:metadata': { 'f:labels': { [`f:${STANDARD}`]: {}, [`f:${OWNER}`]: {} } } },
          },
        ],
      },
    ),
  ],
};

function golden(file: string): string {
  return readFileSync(new URL(`../../fixtures/doctor/${file}`, import.meta.url), 'utf8');
}

describe('doctor', () => {
  test('reports that everything works', async () => {
    await startCluster(REMOVED);
    expect(await doctor()).toEqual({ exitCode: 0, stderr: '', stdout: golden('well.txt') });
  });

  test('prints the same facts as JSON', async () => {
    await startCluster(REMOVED);
    const { exitCode, stdout } = await doctor(['-o', 'json']);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(golden('well.json'));
    const yaml = (await doctor(['-o', 'yaml'])).stdout;
    expect(
      yaml.startsWith('result: ok\nchecks:\n  - section: kubernetes-api\n    name: reachable\n    status: ok\n'),
    ).toBe(true);
    expect(yaml).not.toContain('null');
  });

  test('reports all problems and their remedies, and exits with 1', async () => {
    await startCluster({
      change: { objectSelector: {}, timeoutSeconds: 30 },
      created: {},
      pods: { 'pod-a': serving, 'pod-b': expired },
      others: { '/proxy/mutate': [503, { kind: 'Status', message: 'error trying to reach service: i/o timeout' }] },
      missing: ['create services', 'list poddisruptionbudgets'],
      objects: [gatewayObject('eg', { [STANDARD]: 'one', [OWNER]: 'another', ...MANAGED })],
    });
    const { exitCode, stdout, stderr } = await doctor(['-n', 'here']);
    expect([exitCode, stderr]).toEqual([1, '']);
    expect(stdout.replace(/expired at \S+/, 'expired at TIME')).toBe(golden('ill.txt'));
  });

  test('uses colors on a terminal', async () => {
    environment({ FORCE_COLOR: '1', NO_COLOR: '' });
    await startCluster({ created: { [OWNER]: 'verify' } });
    const { stdout } = await doctor([], true);
    expect(stdout).toContain('\u001b[1mkubernetes-api\u001b[22m\n\u001b[32m✓\u001b[39m the API server answers');
    expect(stdout).toContain('\u001b[31m✗\u001b[39m a ServiceAccount');
  });

  test('uses no colors if NO_COLOR is set', async () => {
    environment({ NO_COLOR: '1' });
    await startCluster();
    expect((await doctor([], true)).stdout).toContain('kubernetes-api\n✓ the API server answers');
  });

  test('prints commands for kubectl when it runs as a kubectl plugin', async () => {
    const refused: Answer = [
      503,
      { kind: 'Status', message: 'error trying to reach service: x509: unknown authority' },
    ];
    await startCluster({ created: {}, others: { '/proxy/mutate': refused } });
    const { context, written } = testContext({ program: 'kubectl gateway-name' });
    await run(['doctor', '--webhook-configuration', 'a-name'], context);
    expect(written.stdout).toContain('`kubectl gateway-name certs status` compares them');
  });

  test('exits with 2 if the API server refuses to answer', async () => {
    const api = await startCluster();
    await api.stop();
    const { exitCode, stdout } = await doctor();
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(
      /^kubernetes-api\n✗ Cannot reach the API server at .* {3}\[refused\]\n {4}Check that it is up/,
    );
    expect(stdout).toMatch(/\n\nproblems found: 1 failure\n$/);
  });

  test('exits with 2 if no API server can be found', async () => {
    environment({ KUBECONFIG: '/nowhere' });
    expect(await doctor()).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('error: ') });
  });

  test('checks what its permissions allow, and says who grants the rest', async () => {
    await startCluster({
      missing: ['get services', 'list endpointslices', 'create pods', 'create serviceaccounts', 'list pods'],
    });
    const { exitCode, checks, of } = await diagnosis();
    expect(exitCode).toBe(1);
    expect(of('permissions').map(({ status }) => status)).toEqual([
      'skipped',
      'skipped',
      'skipped',
      'warning',
      'skipped',
      'note',
    ]);
    expect(new Set(checks.map(({ section }) => section))).toEqual(
      new Set(['kubernetes-api', 'permissions', 'configuration', 'certificates']),
    );
    expect(of('certificates').map(({ name }) => name)).toEqual(['ca-bundle']);
  });

  test('needs no permission for all webhook configurations if it can read this one', async () => {
    await startCluster({ missing: ['get mutatingwebhookconfigurations'] });
    const { exitCode, of } = await diagnosis();
    expect(exitCode).toBe(0);
    expect(of('permissions')).toMatchObject([{ name: 'all', status: 'ok' }]);
    expect(of('configuration')[0]).toMatchObject({ name: 'present', status: 'ok' });
  });

  test('says why permissions could not be checked', async () => {
    await startCluster({ others: { '/selfsubjectaccessreviews': [500, { message: 'etcd is away' }] } });
    const { exitCode, of } = await diagnosis();
    expect(exitCode).toBe(1);
    expect(of('permissions')).toMatchObject([{ name: 'all', status: 'warning' }]);
    expect(of('call')).toMatchObject([{ status: 'ok' }, { status: 'ok' }]);
  });

  test('prints no commands if the user is unknown', async () => {
    await startCluster({ missing: ['list pods'], others: { '/selfsubjectreviews': NOT_FOUND } });
    expect((await diagnosis()).of('permissions').map(({ name }) => name)).toEqual(['list-pods']);
  });

  test('reports a missing webhook configuration', async () => {
    await startCluster({ hasConfiguration: false, created: { [OWNER]: 'verify' } });
    const { of } = await diagnosis();
    expect(of('configuration')).toMatchObject([{ status: 'failure', class: 'missing' }]);
    expect(of('endpoints')).toMatchObject([{ message: expect.stringContaining('Service default/a-name') }]);
    expect(of('certificates')).toEqual([]);
    expect(of('call')).toMatchObject([{ name: 'adds-standard', class: 'missing' }]);
  });

  test('reports a webhook configuration without entries', async () => {
    const api = await startCluster();
    api.objects.configuration = { metadata: { name: 'a-name', uid: 'c', resourceVersion: '1' } } as never;
    const { of } = await diagnosis();
    expect(of('configuration').map(({ status }) => status)).toEqual(['ok', 'failure', 'failure']);
    expect(of('certificates')).toEqual([]);
  });

  test('reports missing permission to read the webhook configuration', async () => {
    const api = await startTrustApi({
      refuse: ({ path }) => (path.includes('mutatingwebhook') ? [403, { message: 'forbidden' }] : undefined),
      answer: answering({ missing: ['get mutatingwebhookconfigurations'] }, []),
    });
    const { of } = await diagnosis();
    expect(of('permissions')[0]).toMatchObject({ status: 'warning', class: 'forbidden' });
    expect(of('configuration')).toEqual([]);
    expect(of('call')).toMatchObject([{ status: 'ok' }]);
    expect(api.requests.length).toBeGreaterThan(0);
  });

  test("compares each Pod's certificate with the caBundle of each entry", async () => {
    const other = (await localCertificates()).ca.cert;
    const { webhooks: [standard, owner] = [] } = changedConfiguration({});
    if (!standard || !owner) throw new Error('The chart has no two entries');
    const bundle = (text: string) => ({
      clientConfig: { service: SERVICE, caBundle: Buffer.from(text).toString('base64') },
    });
    const api = await startCluster();
    const webhooks = [
      { ...standard, ...bundle(ca.cert) },
      { ...owner, ...bundle(other) },
      { ...owner, name: 'another', ...bundle('') },
    ];
    api.objects.configuration = { metadata: { name: 'a-name', uid: 'c', resourceVersion: '1' }, webhooks } as never;
    expect((await diagnosis()).of('certificates')).toMatchObject([
      { name: 'ca-bundle', status: 'ok' },
      { name: 'ca-bundle', status: 'ok' },
      { name: 'ca-bundle', status: 'failure', class: 'missing' },
      {
        name: 'served',
        status: 'failure',
        class: 'tls',
        details: [expect.stringMatching(/^caBundle of owner\.label\.gateway-name-webhook: [A-Z_]+$/)],
      },
      { name: 'served', status: 'failure', class: 'tls' },
    ]);
  });

  test('verifies certificates at the time of the API server', async () => {
    const api = await startCluster();
    api.clock.date = () => new Date(Date.now() + 25 * 3_600_000).toUTCString();
    const { of } = await diagnosis();
    expect(of('kubernetes-api')).toMatchObject([{ status: 'ok' }, { name: 'clock', status: 'note' }]);
    expect(of('certificates')).toMatchObject([
      { name: 'ca-bundle', status: 'ok' },
      { message: expect.stringMatching(/^Pod pod-a serves a certificate that expired/) },
      { message: expect.stringMatching(/^Pod pod-b serves a certificate that expired/) },
    ]);
  });

  test('checks the Pods of each Service that an entry calls', async () => {
    const names = ['its-service-second.its-namespace.svc'];
    const second = await issueServingCertificate({ ca, names, ...validFor(24, new Date()) });
    const slice = (pod: string): Answer => [
      200,
      {
        items: [
          {
            ports: [{ name: 'https', port: 10_250 }],
            endpoints: [{ conditions: { ready: true }, targetRef: { kind: 'Pod', name: pod } }],
          },
        ],
      },
    ];
    const api = await startCluster({
      pods: { 'pod-a': serving, 'pod-b': second },
      others: {
        '/services/its-service-second': [200, { spec: { ports: [{ port: 443 }] } }],
      },
      slices: { 'its-service': slice('pod-a'), 'its-service-second': slice('pod-b') },
    });
    const caBundle = Buffer.from(ca.cert).toString('base64');
    const { webhooks } = twiceConfiguration({ clientConfig: { service: SERVICE, caBundle } });
    api.objects.configuration = { metadata: { name: 'a-name', uid: 'c', resourceVersion: '1' }, webhooks } as never;
    const { of } = await diagnosis();
    expect(of('endpoints').map(({ status, message }) => [status, message])).toEqual([
      ['ok', 'Service its-namespace/its-service'],
      ['ok', '1 ready Pod'],
      ['ok', 'Service its-namespace/its-service-second'],
      ['ok', '1 ready Pod'],
    ]);
    expect(of('certificates').at(-1)).toMatchObject({
      name: 'served',
      status: 'ok',
      message: expect.stringMatching(/^2 of 2 ready Pods serve a certificate that every caBundle trusts/),
    });
  });

  test('reports no failure if it can read neither the webhook configuration nor policies, but objects are labeled', async () => {
    await startCluster({
      hasConfiguration: false,
      others: { '/mutatingadmissionpolicies/a-name-standard': [403, { kind: 'Status', message: 'forbidden' }] },
      missing: ['get mutatingadmissionpolicies'],
    });
    const { exitCode, of } = await diagnosis();
    expect(exitCode).toBe(0);
    expect(of('configuration')).toMatchObject([{ name: 'present', status: 'skipped' }]);
    expect([...of('endpoints'), ...of('certificates')]).toEqual([]);
    expect(of('call')).toMatchObject([{ name: 'adds-standard', status: 'ok' }]);
  });

  test('reports a Pod that cannot be reached', async () => {
    const api = await startCluster();
    api.pods.set('pod-b', { error: 'connection refused in the Pod' });
    expect((await diagnosis()).of('certificates').at(-1)).toMatchObject({ status: 'failure', class: 'refused' });
  });

  test('says why endpoints and objects could not be checked', async () => {
    const forbidden: Answer = [403, { kind: 'Status', message: 'forbidden by a policy' }];
    await startCluster({ others: { '/endpointslices': forbidden, '/api/v1/pods': forbidden } });
    const { of } = await diagnosis();
    expect(of('endpoints').at(-1)).toMatchObject({ name: 'ready-pods', status: 'failure', class: 'forbidden' });
    expect(of('objects')).toMatchObject([{ status: 'failure', class: 'forbidden' }]);
    expect(of('sunset')).toEqual([]);
  });

  test('only tests the enabled direction', async () => {
    const { webhooks: [standard, owner] = [], ...rest } = changedConfiguration({});
    const { rules: _, ...off } = owner ?? { rules: [] };
    const api = await startCluster();
    api.objects.configuration = { ...rest, webhooks: [standard, off] } as never;
    expect((await diagnosis()).of('call').map(({ name }) => name)).toEqual(['adds-standard']);
  });

  test('compares rule.reverse with the given value', async () => {
    await startCluster();
    const { exitCode, of } = await diagnosis('--reverse', 'off');
    expect(exitCode).toBe(1);
    expect(of('configuration').at(-1)).toMatchObject({ name: 'reverse', status: 'warning' });
  });

  describe('with installed policies', () => {
    const GROUP = '/apis/admissionregistration.k8s.io/v1';
    const policyAnswers = (namespaceSelector: object = {}): Record<string, Answer> =>
      Object.fromEntries(
        ['a-name-standard', 'a-name-owner'].flatMap((name): [string, Answer][] => [
          [
            `${GROUP}/mutatingadmissionpolicies/${name}`,
            [200, { metadata: { name }, spec: { failurePolicy: 'Ignore', matchConstraints: { namespaceSelector } } }],
          ],
          [`${GROUP}/mutatingadmissionpolicybindings/${name}`, [200, { spec: { policyName: name } }]],
        ]),
      );
    /** Metrics that count one more use of a policy at each reading. */
    const metrics = (): Answer => {
      let uses = 0;
      return (response) => {
        uses += 1;
        const counted = ['standard', 'owner'].map(
          (direction) =>
            `apiserver_mutating_admission_policy_check_total{error_type="no_error",policy="a-name-${direction}"} ${uses}\n`,
        );
        response.end(`process_start_time_seconds 1\n${counted.join('')}`);
      };
    };

    test('does not check a webhook that is not installed', async () => {
      await startCluster({ hasConfiguration: false, others: { ...policyAnswers(), '/metrics': metrics() } });
      const { exitCode, of } = await diagnosis();
      expect(exitCode).toBe(0);
      expect(of('configuration')).toMatchObject([{ name: 'present', status: 'note' }]);
      expect(of('policies').map(({ name, status }) => [name, status])).toEqual([
        ['a-name-standard', 'ok'],
        ['a-name-owner', 'ok'],
      ]);
      expect([...of('endpoints'), ...of('certificates')]).toEqual([]);
      expect(of('call').map(({ name, status }) => [name, status])).toEqual([
        ['policy-adds-standard', 'ok'],
        ['policy-adds-owner', 'ok'],
      ]);
    });

    test('checks each engine separately', async () => {
      const refused: Answer = [503, { kind: 'Status', message: 'error trying to reach service: i/o timeout' }];
      await startCluster({ others: { ...policyAnswers(), '/metrics': metrics(), '/proxy/mutate': refused } });
      const { exitCode, of } = await diagnosis();
      expect(exitCode).toBe(1);
      expect(of('endpoints').length).toBeGreaterThan(0);
      expect(of('call')).toMatchObject([
        { name: 'policy-adds-standard', status: 'ok' },
        { name: 'policy-adds-owner', status: 'ok' },
        { name: 'webhook-adds-standard', status: 'failure', class: 'timeout' },
        { name: 'webhook-adds-owner', status: 'failure', class: 'timeout' },
      ]);
    });

    test('reports a policy that was not used', async () => {
      await startCluster({ others: { ...policyAnswers(), '/metrics': [200, 'process_start_time_seconds 1\n'] } });
      expect((await diagnosis()).of('call').slice(0, 2)).toMatchObject([
        { name: 'policy-adds-standard', status: 'warning' },
        { name: 'policy-adds-owner', status: 'warning' },
      ]);
    });

    test('asks the webhook for labels that no policy adds, but only if it has an entry for them', async () => {
      const standard = Object.entries(policyAnswers()).filter(([path]) => path.endsWith('-standard'));
      const api = await startCluster({ others: Object.fromEntries(standard) });
      expect((await diagnosis()).of('call').map(({ name }) => name)).toEqual([
        'policy-adds-standard',
        'webhook-adds-standard',
        'adds-owner',
      ]);
      const { webhooks: [, owner] = [], ...rest } = changedConfiguration({});
      api.objects.configuration = { ...rest, webhooks: [owner] } as never;
      expect((await diagnosis()).of('call')[1]).toMatchObject({ name: 'webhook-adds-standard', status: 'skipped' });
    });

    test('reports that the trial objects do not match the policies', async () => {
      const namespace: Answer = [200, { metadata: { labels: { team: 'other' } } }];
      await startCluster({
        hasConfiguration: false,
        created: { [OWNER]: 'verify' },
        others: { ...policyAnswers({ matchLabels: { team: 'gateways' } }), '/api/v1/namespaces/default': namespace },
      });
      const { exitCode, of } = await diagnosis();
      expect(exitCode).toBe(0);
      expect(of('call')[0]).toMatchObject({
        name: 'policy-adds-standard',
        status: 'skipped',
        message: expect.stringContaining('a-name-standard does not select this namespace'),
      });
    });

    test('skips the policies without permission to read them', async () => {
      const forbidden: Answer = [403, { kind: 'Status', message: 'forbidden' }];
      await startCluster({
        others: { '/mutatingadmissionpolicies/a-name-standard': forbidden },
        missing: ['get mutatingadmissionpolicies', 'get mutatingadmissionpolicybindings'],
      });
      const { of } = await diagnosis();
      expect(of('permissions').map(({ name }) => name)).toEqual([
        'get-mutatingadmissionpolicies.admissionregistration.k8s.io',
        'get-mutatingadmissionpolicybindings.admissionregistration.k8s.io',
        'grant',
      ]);
      expect(of('policies')).toEqual([]);
      expect(of('call').map(({ name }) => name)).toEqual(['adds-standard', 'adds-owner']);
    });

    test('reports no missing permission for policies if the API server does not serve them, because it cannot be granted', async () => {
      await startCluster({
        others: {
          '/mutatingadmissionpolicies/a-name-standard': [403, { kind: 'Status', message: 'forbidden' }],
          '/apis/admissionregistration.k8s.io': [200, { versions: [] }],
        },
        missing: ['get mutatingadmissionpolicies', 'get mutatingadmissionpolicybindings'],
      });
      expect((await diagnosis()).of('permissions')).toMatchObject([{ name: 'all', status: 'ok' }]);
    });

    test('says why policies could not be read', async () => {
      const away: Answer = [500, { kind: 'Status', message: 'etcd is away' }];
      await startCluster({ others: { '/mutatingadmissionpolicies/a-name-standard': away } });
      expect((await diagnosis()).of('policies')).toMatchObject([{ name: 'present', status: 'warning' }]);
    });
  });
});
