import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { issueServingCertificate, type KeyedCertificate } from '../../../src/certificates/issue.ts';
import { run } from '../../../src/commands/program.ts';
import type { ClientConfig, WebhookEntry } from '../../../src/installation/configuration.ts';
import type { Answer, ReceivedRequest } from '../../support/api-server.ts';
import { localCertificates, validFor } from '../../support/certificates.ts';
import { changedConfiguration, chartConfiguration } from '../../support/chart-configuration.ts';
import { testContext } from '../../support/context.ts';
import { OWNER, STANDARD } from '../../support/gateway-objects.ts';
import { foreignCertificate } from '../../support/openssl.ts';
import { startTestServer } from '../../support/server.ts';
import { environmentOfPod } from '../../support/service-account.ts';
import { startTrustApi } from '../../support/trust-api.ts';

const ONE = { [OWNER]: 'verify' };
const ENTRY = 'standard.label.gateway-name-webhook';
const BOTH = { ...ONE, [STANDARD]: 'verify' };

let ca: KeyedCertificate;
let serving: KeyedCertificate;

beforeAll(async () => {
  ({ ca } = await localCertificates());
  const names = ['its-service.its-namespace.svc', 'localhost', '127.0.0.1', '::1'];
  serving = await issueServingCertificate({ ca, names, ...validFor(24, new Date()) });
});

/** Runs the command in a Pod, like `helm test`, unless the context is another one. */
async function call(...args: readonly string[]) {
  const kubeconfig = process.env['KUBECONFIG'] ?? expect.fail();
  const { context, written } = testContext(
    args.includes('--context') ? {} : { environment: environmentOfPod(kubeconfig) },
  );
  const exitCode = await run(['doctor', '--only', 'call', '--webhook-configuration', 'a-name', ...args], context);
  return { exitCode, ...written };
}

const FORBIDDEN: Answer = [403, { kind: 'Status', message: 'forbidden' }];
const NOT_FOUND: Answer = [404, { kind: 'Status', message: 'not found' }];

/** An API server that returns ServiceAccounts with these labels; `others` has answers for other paths, by the end of the path. */
function answering(labels: object, others: Readonly<Record<string, Answer>> = {}) {
  return ({ path, body }: ReceivedRequest): Answer => {
    if (path === '/version') return [200, { gitVersion: 'v1.37.2' }];
    if (path.endsWith('/serviceaccounts')) return [201, { ...(body as object), metadata: { labels } }];
    const [, answer] = Object.entries(others).find(([end]) => path.endsWith(end)) ?? [];
    return answer ?? FORBIDDEN;
  };
}

const WITHOUT = `✗ a ServiceAccount with only ${OWNER}, created in default by server-side dry run, does not get ${STANDARD}: `;

interface Fault {
  readonly clientConfig?: Omit<ClientConfig, 'caBundle'>;
  readonly trusted?: string;
  readonly change?: Partial<WebhookEntry>;
  readonly others?: Readonly<Record<string, Answer>>;
  readonly args?: readonly string[];
}

/** The printed cause if the webhook was not called, given the API server's other facts. */
async function causeOf({ clientConfig, trusted = ca.cert, change, others, args = [] }: Fault): Promise<string> {
  const caBundle = Buffer.from(trusted).toString('base64');
  const config = { ...clientConfig, caBundle } as ClientConfig;
  const configuration = changedConfiguration({ clientConfig: config, ...change });
  await startTrustApi({ configuration, answer: answering(ONE, others) });
  const { exitCode, stdout, stderr } = await call(...args);
  const [section, first = ''] = stdout.split('\n');
  expect([section, stderr]).toEqual(['call', '']);
  // The other direction works.
  expect(exitCode).toBe(first.startsWith('✗') ? 1 : 0);
  expect(first.slice(2).startsWith(WITHOUT.slice(2))).toBe(true);
  return first.slice(WITHOUT.length);
}

/** A Service at a local port. */
function serviceAt(port: number, service: Answer = [200, { spec: { clusterIP: '127.0.0.1' } }]): Fault {
  return {
    clientConfig: { service: { namespace: 'its-namespace', name: 'its-service', port, path: '/mutate' } },
    others: { '/services/its-service': service },
  };
}

/** A port without a listener. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const DRY_RUNS = { method: 'POST', query: { dryRun: 'All' } };

describe('doctor --only call', () => {
  test('creates ServiceAccounts with one label by dry run, and succeeds if they are returned with both', async () => {
    const { requests } = await startTrustApi({
      configuration: chartConfiguration(),
      answer: answering(BOTH, { '-standard': NOT_FOUND, '-owner': NOT_FOUND }),
    });
    const message = (label: string) =>
      `✓ a ServiceAccount${label === STANDARD ? ' of Envoy Gateway' : ''} with only ${label}, created in default by server-side dry run, gets both labels\n`;
    expect(await call()).toEqual({
      exitCode: 0,
      stdout: `call\n${message(OWNER)}${message(STANDARD)}\nno problems found\n`,
      stderr: '',
    });
    const path = '/api/v1/namespaces/default/serviceaccounts';
    expect(requests.filter(({ path }) => path.endsWith('/serviceaccounts'))).toMatchObject([
      { ...DRY_RUNS, path },
      { ...DRY_RUNS, path },
    ]);
    // Requests that need further permissions.
    expect(requests.some(({ path }) => /pods|endpointslices|services\/|selfsubjectaccess/.test(path))).toBe(false);
  });

  test.for([
    { args: ['-n', 'a-namespace'], namespace: 'a-namespace' },
    { args: ['--context', 'namespaced'], namespace: 'of-the-context' },
  ])('creates them in $namespace with $args', async ({ args, namespace }) => {
    await startTrustApi({ answer: answering(BOTH) });
    expect((await call(...args)).stdout).toContain(` created in ${namespace} `);
  });

  test('fails if a label has another value', async () => {
    await startTrustApi({ answer: answering({ ...BOTH, [STANDARD]: 'another' }) });
    expect(await call()).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('gets ') });
  });

  test('does not blame a missing webhook configuration if a policy should add the labels', async () => {
    const group = '/apis/admissionregistration.k8s.io/v1';
    const metadata = { name: 'a-name-standard' };
    const api = await startTrustApi({
      answer: ({ path }) => {
        if (path === `${group}/mutatingadmissionpolicies/a-name-standard`)
          return [200, { metadata, spec: { failurePolicy: 'Ignore', matchConstraints: {} } }];
        if (path === `${group}/mutatingadmissionpolicybindings/a-name-standard`)
          return [200, { metadata, spec: { policyName: 'a-name-standard' } }];
        return path.startsWith(group) ? NOT_FOUND : answering(ONE)({ path, body: {} } as ReceivedRequest);
      },
    });
    api.objects.configuration = undefined;
    const { exitCode, stdout } = await call();
    expect(exitCode).toBe(1);
    expect(stdout).toContain('does not get');
    expect(stdout).not.toContain('MutatingWebhookConfiguration');
  });

  test('exits with 1 without permission to create, and prints the missing permissions', async () => {
    const answer = ({ path, body }: ReceivedRequest): Answer =>
      path.endsWith('/serviceaccounts')
        ? [403, { message: 'serviceaccounts is forbidden' }]
        : answering(BOTH)({ path, body } as ReceivedRequest);
    await startTrustApi({ answer });
    expect(await call()).toEqual({
      exitCode: 1,
      stderr: '',
      stdout:
        'call\n! cannot create an object: The API server refused POST /api/v1/namespaces/default/serviceaccounts: ' +
        'serviceaccounts is forbidden   [forbidden]\n' +
        '    Get the permission granted: see the section permissions.\n\n' +
        'problems found: 1 warning\n',
    });
  });

  test('lists its sections', async () => {
    await startTrustApi();
    const { exitCode, stderr } = await call('--only', 'call,calls');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Expected some of kubernetes-api, permissions, configuration,');
  });
});

describe('doctor --only call reports the cause:', () => {
  test('no webhook configuration exists', async () => {
    const answer = (request: ReceivedRequest): Answer =>
      request.path.includes('mutatingadmission') ? NOT_FOUND : answering(ONE)(request);
    const api = await startTrustApi({ answer });
    api.objects.configuration = undefined;
    expect(await call()).toEqual({
      exitCode: 1,
      stderr: '',
      stdout:
        `call\n${WITHOUT}MutatingWebhookConfiguration a-name with entry standard.label.gateway-name-webhook not found   ` +
        '[missing]\n    Install the chart, or run `helm upgrade` to restore what was deleted.\n\nproblems found: 1 failure\n',
    });
  });

  test('no permission to read the webhook configuration', async () => {
    const refuse = ({ method, path }: ReceivedRequest) =>
      method === 'GET' && path !== '/version' ? FORBIDDEN : undefined;
    await startTrustApi({ answer: answering(ONE), refuse });
    expect(await call()).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/cause unknown, the webhook configuration cannot be read\. .*\[forbidden\]\n/),
    });
  });

  test('no caBundle', async () => {
    expect(await causeOf({ clientConfig: { url: 'https://127.0.0.1/mutate' }, trusted: '' })).toMatch(
      /^the caBundle of standard\.label\.\S+ is empty, so the API server trusts no replica {3}\[missing\]$/,
    );
  });

  test('nothing listens', async () => {
    const port = await closedPort();
    const says = `${ENTRY}: a review sent from here failed: connect ECONNREFUSED 127.0.0.1:${port}   [refused]`;
    expect(await causeOf(serviceAt(port))).toBe(says);
    expect(await causeOf({ clientConfig: { url: `https://127.0.0.1:${port}/mutate` } })).toBe(says);
  });

  test('nothing answers', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    onTestFinished(() => {
      silent.close();
      for (const socket of sockets) socket.destroy();
    });
    await once(silent, 'listening');
    expect(await causeOf(serviceAt((silent.address() as AddressInfo).port))).toMatch(
      /: a review sent from here failed: .*timeout {3}\[timeout\]$/,
    );
  });

  test('the name does not resolve', async () => {
    // RFC 6761: this name never resolves.
    expect(await causeOf({ clientConfig: { url: 'https://webhook.invalid/mutate' } })).toMatch(
      /: a review sent from here failed: getaddrinfo E\w+ webhook\.invalid {3}\[missing\]$/,
    );
  });

  test('the certificate is from another CA', async () => {
    const { port } = await startTestServer({ tls: serving });
    const trusted = (await localCertificates()).ca.cert;
    expect(await causeOf({ ...serviceAt(port), trusted })).toMatch(
      /: a review sent from here failed: .*certificate.*\[TLS\]$/,
    );
  });

  test('the certificate is for another name', async () => {
    const local = await localCertificates();
    const { port } = await startTestServer({ tls: local.serving });
    expect(await causeOf({ ...serviceAt(port), trusted: local.ca.cert })).toMatch(
      /: a review sent from here failed: .*its-service\.its-namespace\.svc.*\[TLS\]$/,
    );
  });

  test('the path is wrong', async () => {
    const { port } = await startTestServer({ tls: serving });
    expect(await causeOf({ clientConfig: { url: `https://127.0.0.1:${port}/other` } })).toMatch(
      /: a review sent from here failed: HTTP status 404.*\[wrong answer\]$/,
    );
  });

  test.for<readonly [what: string, service: Answer]>([
    ['there is no Service', NOT_FOUND],
    ['the Service cannot be read', FORBIDDEN],
    ['the Service has no address', [200, { spec: {} }]],
  ])('none, if the webhook cannot be reached from here: %s', async ([, service]) => {
    expect(await causeOf(serviceAt(443, service))).toBe('the API server fails immediately');
  });

  test('none, from outside the cluster', async () => {
    const at = serviceAt(await closedPort());
    const cause = await causeOf({ ...at, args: ['--context', 'first'] });
    expect(cause).toBe('the API server fails immediately');
  });

  const FIREWALL = 'the API server fails immediately, although a review sent from here got the right answer';

  test('the webhook works from here', async () => {
    const { port } = await startTestServer({ tls: serving });
    expect(await causeOf(serviceAt(port))).toBe(FIREWALL);
    expect(await causeOf({ clientConfig: { url: `https://localhost:${port}/mutate` } })).toBe(FIREWALL);
    const unnamed = { namespace: 'its-namespace', name: 'its-service', port };
    expect(await causeOf({ ...serviceAt(port), clientConfig: { service: unnamed } })).toMatch(/HTTP status 404/);
  });

  test.runIf(existsSync('/proc/net/if_inet6'))('the webhook works from here, with an IPv6 address', async () => {
    const { port } = await startTestServer({ tls: serving }, '::1');
    expect(await causeOf({ clientConfig: { url: `https://[::1]:${port}/mutate` } })).toBe(FIREWALL);
  });

  test('the default port is 443', async () => {
    expect(await causeOf({ clientConfig: { url: 'https://127.0.0.1/mutate' } })).toMatch(/127\.0\.0\.1:443|\[/);
  });

  const SELECTING = { namespaceSelector: { matchLabels: { a: 'b' } } };

  test.for<readonly [what: string, namespace: Answer, says: RegExp]>([
    ['it is excluded', [200, { metadata: { labels: { a: 'c' } } }], /: its namespaceSelector excludes default$/],
    ['it is selected', [200, { metadata: { labels: { a: 'b' } } }], /\[refused\]$/],
    ['it cannot be read', FORBIDDEN, /\[refused\]$/],
    ['it has no labels', [200, { metadata: {} }], /\[refused\]$/],
  ])('the namespace: %s', async ([, namespace, says]) => {
    const fault = serviceAt(await closedPort());
    const others = { ...fault.others, '/namespaces/default': namespace };
    expect(await causeOf({ ...fault, change: SELECTING, others })).toMatch(says);
  });

  test('every entry excludes the namespace, so the test has no result', async () => {
    const configuration = changedConfiguration({ ...SELECTING, clientConfig: { url: 'https://127.0.0.1:1/mutate' } });
    const others = { '/namespaces/default': [200, { metadata: { labels: { a: 'c' } } }] as Answer };
    await startTrustApi({
      configuration,
      answer: (request) =>
        request.path.endsWith('/serviceaccounts') ? [201, request.body] : answering({}, others)(request),
    });
    const { exitCode, stdout } = await call();
    expect([exitCode, stdout.split('\n').at(-2)]).toEqual([2, 'no problems found: 2 skipped']);
  });

  test("the API server's own error, if it forwards a review", async () => {
    const message = 'error trying to reach service: dial tcp 10.0.0.1:10250: i/o timeout';
    const others = { '/proxy/mutate': [503, { kind: 'Status', message }] as Answer };
    expect(await causeOf({ ...serviceAt(443), others })).toBe(
      `${ENTRY}: a review proxied by the API server failed: ${message}   [timeout]`,
    );
  });

  test('the webhook only accepts clients with a certificate', async () => {
    const message = 'a client certificate is required';
    const others = { '/proxy/mutate': [403, { kind: 'Status', message }] as Answer };
    expect(await causeOf({ ...serviceAt(443), others })).toMatch(
      /^it only serves clients with a certificate \(webhook\.clientCA\), and the API server may not present one/,
    );
  });

  test("the API server's metrics", async () => {
    const metric = 'apiserver_admission_webhook_request_total';
    const labels = 'name="standard.label.gateway-name-webhook"';
    let calls = 0;
    const configuration = changedConfiguration({
      clientConfig: { ...serviceAt(443).clientConfig, caBundle: btoa(foreignCertificate().cert) } as ClientConfig,
    });
    await startTrustApi({
      configuration,
      answer: (request) => {
        if (request.path === '/metrics')
          return [200, `process_start_time_seconds 1\n${metric}{code="418",${labels}} ${calls}\n`];
        if (request.path.endsWith('/serviceaccounts')) calls += 1;
        return answering(ONE)(request);
      },
    });
    expect((await call('--context', 'first')).stdout).toContain(
      ': the API server got HTTP status 418   [wrong answer]',
    );
  });

  test("the API server's metrics, if they no longer count it", async () => {
    let asked = 0;
    await startTrustApi({
      configuration: changedConfiguration({
        clientConfig: { url: 'https://127.0.0.1:1/mutate', caBundle: btoa(foreignCertificate().cert) },
      }),
      answer: (request) => {
        if (request.path !== '/metrics') return answering(ONE)(request);
        asked += 1;
        return asked === 1 ? [200, 'process_start_time_seconds 1\n'] : FORBIDDEN;
      },
    });
    expect((await call()).stdout).toContain('[refused]');
  });
});
