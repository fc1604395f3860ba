import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { issueServingCertificate, type KeyedCertificate } from '../../../src/certificates/issue.ts';
import { run } from '../../../src/commands/program.ts';
import type { ClientConfig, WebhookEntry } from '../../../src/installation/configuration.ts';
import type { Answer, ReceivedRequest } from '../../support/api-server.ts';
import { localCertificates, validFor } from '../../support/certificates.ts';
import { changedConfiguration } from '../../support/chart-configuration.ts';
import { testContext } from '../../support/context.ts';
import { OWNER, STANDARD } from '../../support/gateway-objects.ts';
import { startTestServer } from '../../support/server.ts';
import { environmentOfPod } from '../../support/service-account.ts';
import { startTrustApi } from '../../support/trust-api.ts';

const ONE = { [OWNER]: 'verify' };
const BOTH = { ...ONE, [STANDARD]: 'verify' };

let ca: KeyedCertificate;
let serving: KeyedCertificate;

beforeAll(async () => {
  ({ ca } = await localCertificates());
  const names = ['its-service.its-namespace.svc', 'localhost', '127.0.0.1', '::1'];
  serving = await issueServingCertificate({ ca, names, ...validFor(24, new Date()) });
});

/** In a Pod, as `helm test` runs it, unless the context is another one. */
async function verify(...args: readonly string[]) {
  const kubeconfig = process.env['KUBECONFIG'] ?? expect.fail();
  const { context, written } = testContext(
    args.includes('--context') ? {} : { environment: environmentOfPod(kubeconfig) },
  );
  const exitCode = await run(['verify', '--webhook-configuration', 'a-name', ...args], context);
  return { exitCode, ...written };
}

const FORBIDDEN: Answer = [403, { kind: 'Status', message: 'forbidden' }];
const NOT_FOUND: Answer = [404, { kind: 'Status', message: 'not found' }];

/** An API server that lets ServiceAccounts come back with these labels, and answers other paths, by their ends, as it is told. */
function answering(labels: object, others: Readonly<Record<string, Answer>> = {}) {
  return ({ path, body }: ReceivedRequest): Answer => {
    if (path.endsWith('/serviceaccounts')) return [201, { ...(body as object), metadata: { labels } }];
    const [, answer] = Object.entries(others).find(([end]) => path.endsWith(end)) ?? [];
    return answer ?? FORBIDDEN;
  };
}

const WITHOUT = `✗ a ServiceAccount with only ${OWNER}, created in default by dry run, comes back without ${STANDARD}: `;

interface Fault {
  readonly clientConfig?: Omit<ClientConfig, 'caBundle'>;
  readonly trusted?: string;
  readonly change?: Partial<WebhookEntry>;
  readonly others?: Readonly<Record<string, Answer>>;
  readonly args?: readonly string[];
}

/** What it says where the webhook was not called, and the API server knows this of it. */
async function causeOf({ clientConfig, trusted = ca.cert, change, others, args = [] }: Fault): Promise<string> {
  const caBundle = Buffer.from(trusted).toString('base64');
  const config = { ...clientConfig, caBundle } as ClientConfig;
  const configuration = changedConfiguration({ clientConfig: config, ...change });
  await startTrustApi({ configuration, answer: answering(ONE, others) });
  const { exitCode, stdout, stderr } = await verify(...args);
  expect([exitCode, stdout]).toEqual([stderr.startsWith('✗') ? 1 : 2, '']);
  expect(stderr.slice(2).startsWith(WITHOUT.slice(2))).toBe(true);
  return String(stderr.slice(WITHOUT.length).split('\n')[0]);
}

/** A Service at a port of this machine. */
function serviceAt(port: number, service: Answer = [200, { spec: { clusterIP: '127.0.0.1' } }]): Fault {
  return {
    clientConfig: { service: { namespace: 'its-namespace', name: 'its-service', port, path: '/mutate' } },
    others: { '/services/its-service': service },
  };
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('verify', () => {
  test('creates a ServiceAccount with one label by dry run, and is content when it comes back with both', async () => {
    const { requests } = await startTrustApi({ answer: answering(BOTH) });
    expect(await verify()).toEqual({
      exitCode: 0,
      stdout: `a ServiceAccount with only ${OWNER}, created in default by dry run, comes back with both labels\n`,
      stderr: '',
    });
    expect(requests).toMatchObject([
      { method: 'POST', path: '/api/v1/namespaces/default/serviceaccounts', query: { dryRun: 'All' } },
    ]);
  });

  test('creates it in the namespace that it is told', async () => {
    const { requests } = await startTrustApi({ answer: answering(BOTH) });
    expect((await verify('-n', 'a-namespace')).stdout).toContain(' created in a-namespace ');
    expect(requests[0]?.path).toBe('/api/v1/namespaces/a-namespace/serviceaccounts');
  });

  test("creates it in the context's namespace otherwise", async () => {
    const { requests } = await startTrustApi({ answer: answering(BOTH) });
    expect((await verify('--context', 'namespaced')).stdout).toContain(' created in of-the-context ');
    expect(requests[0]?.path).toBe('/api/v1/namespaces/of-the-context/serviceaccounts');
  });

  test('is not content with another value', async () => {
    await startTrustApi({ answer: answering({ ...BOTH, [STANDARD]: 'another' }) });
    expect(await verify()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('comes back with') });
  });

  test('exits with 2 where it may create none', async () => {
    await startTrustApi({ answer: () => [403, { message: 'serviceaccounts is forbidden' }] });
    expect(await verify()).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        '! cannot be tried: The API server refuses to POST /api/v1/namespaces/default/serviceaccounts: ' +
        'serviceaccounts is forbidden   [forbidden]\n' +
        '    Have the right granted, see the section rights; or let somebody run this who has it.\n',
    });
  });
});

describe('verify names the cause:', () => {
  test('there is no configuration', async () => {
    const api = await startTrustApi({ answer: answering(ONE) });
    api.objects.configuration = undefined;
    expect(await verify()).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        `${WITHOUT}there is no MutatingWebhookConfiguration a-name with the entry standard.label.gateway-name-webhook   ` +
        '[missing]\n    Install the chart; `helm upgrade` brings back what was deleted.\n',
    });
  });

  test('it may not be read', async () => {
    const refuse = ({ method }: ReceivedRequest) => (method === 'GET' ? FORBIDDEN : undefined);
    await startTrustApi({ answer: answering(ONE), refuse });
    expect(await verify()).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/why cannot be told, as the configuration cannot be read\. .*\[forbidden\]\n/),
    });
  });

  test('it has no caBundle', async () => {
    expect(await causeOf({ clientConfig: { url: 'https://127.0.0.1/mutate' }, trusted: '' })).toBe(
      'the caBundle is empty, so that the API server trusts no replica   [missing]',
    );
  });

  test('nobody listens', async () => {
    const port = await closedPort();
    const says = `a review from here meets: connect ECONNREFUSED 127.0.0.1:${port}   [refused]`;
    expect(await causeOf(serviceAt(port))).toBe(says);
    expect(await causeOf({ clientConfig: { url: `https://127.0.0.1:${port}/mutate` } })).toBe(says);
  });

  test('nobody answers', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    onTestFinished(() => {
      silent.close();
      for (const socket of sockets) socket.destroy();
    });
    await once(silent, 'listening');
    expect(await causeOf(serviceAt((silent.address() as AddressInfo).port))).toMatch(
      /^a review from here meets: .*timeout {3}\[timeout\]$/,
    );
  });

  test('nobody has the name', async () => {
    // RFC 6761: this name is never there.
    expect(await causeOf({ clientConfig: { url: 'https://webhook.invalid/mutate' } })).toMatch(
      /^a review from here meets: getaddrinfo E\w+ webhook\.invalid {3}\[missing\]$/,
    );
  });

  test('the certificate is of another CA', async () => {
    const { port } = await startTestServer({ tls: serving });
    const trusted = (await localCertificates()).ca.cert;
    expect(await causeOf({ ...serviceAt(port), trusted })).toMatch(
      /^a review from here meets: .*certificate.*\[TLS\]$/,
    );
  });

  test('the certificate is for another name', async () => {
    const local = await localCertificates();
    const { port } = await startTestServer({ tls: local.serving });
    expect(await causeOf({ ...serviceAt(port), trusted: local.ca.cert })).toMatch(
      /^a review from here meets: .*its-service\.its-namespace\.svc.*\[TLS\]$/,
    );
  });

  test('the path is another one', async () => {
    const { port } = await startTestServer({ tls: serving });
    expect(await causeOf({ clientConfig: { url: `https://127.0.0.1:${port}/other` } })).toMatch(
      /^a review from here meets: HTTP status 404.*\[wrong answer\]$/,
    );
  });

  test.for<readonly [what: string, service: Answer]>([
    ['there is no Service', NOT_FOUND],
    ['the Service may not be read', FORBIDDEN],
    ['the Service has no address', [200, { spec: {} }]],
  ])('nothing, as there is no way to the webhook from here: %s', async ([, service]) => {
    expect(await causeOf(serviceAt(443, service))).toBe('the API server does not get through, at once');
  });

  test('nothing, from outside', async () => {
    const at = serviceAt(await closedPort());
    const cause = await causeOf({ ...at, args: ['--context', 'first'] });
    expect(cause).toBe('the API server does not get through, at once');
  });

  const FIREWALL = 'the API server does not get through, at once, though a review from here gets the right answer';

  test('all is well from here', async () => {
    const { port } = await startTestServer({ tls: serving });
    expect(await causeOf(serviceAt(port))).toBe(FIREWALL);
    expect(await causeOf({ clientConfig: { url: `https://localhost:${port}/mutate` } })).toBe(FIREWALL);
    const unnamed = { namespace: 'its-namespace', name: 'its-service', port };
    expect(await causeOf({ ...serviceAt(port), clientConfig: { service: unnamed } })).toMatch(/HTTP status 404/);
  });

  test.runIf(existsSync('/proc/net/if_inet6'))('all is well from here, at an address of IPv6', async () => {
    const { port } = await startTestServer({ tls: serving }, '::1');
    expect(await causeOf({ clientConfig: { url: `https://[::1]:${port}/mutate` } })).toBe(FIREWALL);
  });

  test('where no port is given, it is 443', async () => {
    expect(await causeOf({ clientConfig: { url: 'https://127.0.0.1/mutate' } })).toMatch(/127\.0\.0\.1:443|\[/);
  });

  const SELECTING = { namespaceSelector: { matchLabels: { a: 'b' } } };

  test.for<readonly [what: string, namespace: Answer, says: RegExp]>([
    ['it is left out', [200, { metadata: { labels: { a: 'c' } } }], /^its namespaceSelector leaves out default$/],
    ['it is selected', [200, { metadata: { labels: { a: 'b' } } }], /\[refused\]$/],
    ['that cannot be told', FORBIDDEN, /\[refused\]$/],
    ['it has no labels', [200, { metadata: {} }], /\[refused\]$/],
  ])('the namespace: %s', async ([, namespace, says]) => {
    const fault = serviceAt(await closedPort());
    const others = { ...fault.others, '/namespaces/default': namespace };
    expect(await causeOf({ ...fault, change: SELECTING, others })).toMatch(says);
  });

  test('the API server meets it, when it is asked to pass a review on', async () => {
    const message = 'error trying to reach service: dial tcp 10.0.0.1:10250: i/o timeout';
    const others = { '/proxy/mutate': [503, { kind: 'Status', message }] as Answer };
    expect(await causeOf({ ...serviceAt(443), others })).toBe(
      `the API server, asked to pass a review on, meets: ${message}   [timeout]`,
    );
  });

  test('the webhook answers only clients with a certificate', async () => {
    const message = 'a client certificate is required';
    const others = { '/proxy/mutate': [403, { kind: 'Status', message }] as Answer };
    expect(await causeOf({ ...serviceAt(443), others })).toMatch(
      /^it answers only clients with a certificate \(webhook\.clientCA\), and perhaps the API server presents none/,
    );
  });

  test('the API server counts it', async () => {
    const metric = 'apiserver_admission_webhook_request_total';
    const labels = 'name="standard.label.gateway-name-webhook"';
    let calls = 0;
    const configuration = changedConfiguration({
      clientConfig: { ...serviceAt(443).clientConfig, caBundle: 'YQ==' } as ClientConfig,
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
    expect((await verify('--context', 'first')).stderr).toContain(
      ': the API server got HTTP status 418   [wrong answer]',
    );
  });

  test('the API server counts it no longer', async () => {
    let asked = 0;
    await startTrustApi({
      configuration: changedConfiguration({ clientConfig: { url: 'https://127.0.0.1:1/mutate', caBundle: 'YQ==' } }),
      answer: (request) => {
        if (request.path !== '/metrics') return answering(ONE)(request);
        asked += 1;
        return asked === 1 ? [200, 'process_start_time_seconds 1\n'] : FORBIDDEN;
      },
    });
    expect((await verify()).stderr).toContain('[refused]');
  });
});
