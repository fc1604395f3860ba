import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { GATEWAY_LABELS } from '../../src/admission/gateway.ts';
import { issueServingCertificate, type KeyedCertificate } from '../../src/certificates/issue.ts';
import { run } from '../../src/commands/program.ts';
import type { Answer, ReceivedRequest } from '../support/api-server.ts';
import { localCertificates, validFor } from '../support/certificates.ts';
import { testContext } from '../support/context.ts';
import { startPod, startTrustApi } from '../support/trust-api.ts';

const OWNER = { [GATEWAY_LABELS.owner]: 'verify' };
const BOTH = { ...OWNER, [GATEWAY_LABELS.standard]: 'verify' };

let ca: KeyedCertificate;
let serving: KeyedCertificate;

beforeAll(async () => {
  ({ ca } = await localCertificates());
  const names = ['its-service.its-namespace.svc', 'localhost', '127.0.0.1', '::1'];
  serving = await issueServingCertificate({ ca, names, ...validFor(24, new Date()) });
});

async function verify(...args: readonly string[]) {
  const { context, written } = testContext();
  const exitCode = await run(['verify', '--webhook-configuration', 'a-name', ...args], context);
  return { exitCode, ...written };
}

/** An API server that lets ServiceAccounts come back with these labels, and finds this Service. */
function answering(labels: object | undefined, service: Answer = [404, { message: 'not found' }]) {
  return ({ method, path, body }: ReceivedRequest): Answer => {
    if (method !== 'POST')
      return path === '/api/v1/namespaces/its-namespace/services/its-service' ? service : [500, ''];
    return [201, { ...(body as object), metadata: { labels } }];
  };
}

const LACKING = `error: a ServiceAccount created in default comes back without gateway.networking.k8s.io/gateway-name
Likely cause: `;

/** What it says where the webhook was not called, and the API server knows this of it. */
async function causeOf(options: Parameters<typeof startTrustApi>[0]): Promise<string> {
  await startTrustApi({ caBundles: [ca.cert], answer: answering(OWNER), ...options });
  const { exitCode, stdout, stderr } = await verify();
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr.startsWith(LACKING)).toBe(true);
  return stderr.slice(LACKING.length);
}

/** A Service, and the configuration that names it, at a port of this machine. */
function serviceAt(port: number, { clusterIP = '127.0.0.1' } = {}): Parameters<typeof startTrustApi>[0] {
  return {
    clientConfig: { service: { namespace: 'its-namespace', name: 'its-service', port } },
    answer: answering(OWNER, [200, { spec: { clusterIP } }]),
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
      stdout: 'a ServiceAccount with one label, created in default by dry run, comes back with both\n',
      stderr: '',
    });
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/namespaces/default/serviceaccounts',
        query: { dryRun: 'All' },
        body: {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { generateName: 'gateway-name-webhook-verify-', labels: OWNER },
        },
      },
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
    await startTrustApi({ answer: answering({ ...BOTH, [GATEWAY_LABELS.standard]: 'another' }) });
    expect((await verify()).exitCode).toBe(1);
  });

  test('exits with 2 where it may create none', async () => {
    await startTrustApi({ answer: () => [403, { message: 'serviceaccounts is forbidden' }] });
    expect(await verify()).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'error: The API server refuses to POST /api/v1/namespaces/default/serviceaccounts: serviceaccounts is forbidden\n',
    });
  });
});

describe('verify names the likely cause:', () => {
  test('there is no configuration', async () => {
    const api = await startTrustApi({ answer: answering(undefined) });
    api.objects.configuration = undefined;
    expect((await verify()).stderr).toBe(
      `${LACKING}there is no MutatingWebhookConfiguration a-name, so that the webhook is never called.\n`,
    );
  });

  test('it has no entries', async () => {
    expect(await causeOf({ caBundles: [] })).toMatch(/^there is no MutatingWebhookConfiguration a-name/);
  });

  test('it may not be read', async () => {
    const cause = await causeOf({
      refuse: ({ method }) => (method === 'GET' ? [403, { message: 'forbidden' }] : undefined),
    });
    expect(cause).toBe(
      'unknown, as the MutatingWebhookConfiguration cannot be read. The API server refuses to GET ' +
        '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/a-name: forbidden\n',
    );
  });

  test.for([undefined, ''])('it has no caBundle: %j', async (caBundle) => {
    expect(await causeOf({ caBundles: [caBundle] })).toBe(
      'a-name has no caBundle yet: no replica has become ready since it was made. See their log.\n',
    );
  });

  test('there is no Service', async () => {
    expect(await causeOf({ ...serviceAt(443), answer: answering(OWNER) })).toBe(
      'there is no Service its-namespace/its-service, which the MutatingWebhookConfiguration names.\n',
    );
  });

  test('the Service may not be read', async () => {
    const answer = answering(OWNER, [403, { message: 'forbidden' }]);
    expect(await causeOf({ ...serviceAt(443), answer })).toBe(
      'unknown, as Service its-namespace/its-service cannot be read. The API server refuses to GET ' +
        '/api/v1/namespaces/its-namespace/services/its-service: forbidden\n',
    );
  });

  test('nobody listens', async () => {
    const port = await closedPort();
    expect(await causeOf(serviceAt(port))).toBe(
      `no replica is ready (connect ECONNREFUSED 127.0.0.1:${port}). See kubectl -n its-namespace get pods.\n`,
    );
    expect(await causeOf({ clientConfig: { url: `https://127.0.0.1:${port}/mutate` } })).toBe(
      `no replica is ready (connect ECONNREFUSED 127.0.0.1:${port}). See the webhook.\n`,
    );
  });

  test('nobody answers', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    const sockets: Socket[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    onTestFinished(() => {
      silent.close();
      for (const socket of sockets) socket.destroy();
    });
    await once(silent, 'listening');
    expect(await causeOf(serviceAt((silent.address() as AddressInfo).port))).toBe(
      'the webhook cannot be reached (no answer to a TLS handshake): no replica is ready, or a NetworkPolicy is in ' +
        'between. See kubectl -n its-namespace get pods.\n',
    );
  });

  test('somebody closes the connection', async () => {
    const closing = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    onTestFinished(() => void closing.close());
    await once(closing, 'listening');
    expect(await causeOf(serviceAt((closing.address() as AddressInfo).port))).toMatch(
      /^the webhook cannot be reached \(.*(disconnected|ECONNRESET).*\): no replica is ready, or /,
    );
  });

  test('nobody has the name', async () => {
    // RFC 6761: this name is never there.
    expect(await causeOf({ clientConfig: { url: 'https://webhook.invalid/mutate' } })).toMatch(
      /^the webhook cannot be reached \(getaddrinfo E\w+ webhook\.invalid\): .* See the webhook\.\n$/,
    );
  });

  test('the certificate is of another CA', async () => {
    const port = await startPod(serving);
    const other = (await localCertificates()).ca.cert;
    expect(await causeOf({ ...serviceAt(port), caBundles: [other] })).toMatch(
      /^the certificate that is served does not fit the caBundle \(.*certificate.*\)\. `certs status` says more\.\n$/,
    );
  });

  test('the certificate is for another name', async () => {
    const local = await localCertificates();
    const port = await startPod(local.serving);
    expect(await causeOf({ ...serviceAt(port), caBundles: [local.ca.cert] })).toMatch(
      /^the certificate that is served does not fit the caBundle \(.*its-service\.its-namespace\.svc.*\)/,
    );
  });

  const FIREWALL =
    'the API server cannot reach the webhook, though it answers here with a certificate that its caBundle trusts: ' +
    'a firewall between control plane and nodes (private clusters open ports 443 and 10250 only), or a network plugin ' +
    'that keeps the control plane from Pods (set hostNetwork: true).\n';

  test('all is well from here', async () => {
    const port = await startPod(serving);
    expect(await causeOf(serviceAt(port))).toBe(FIREWALL);
    expect(await causeOf({ clientConfig: { url: `https://localhost:${port}/mutate` } })).toBe(FIREWALL);
  });

  test.runIf(existsSync('/proc/net/if_inet6'))('all is well from here, at an address of IPv6', async () => {
    const port = await startPod(serving, '::1');
    expect(await causeOf({ clientConfig: { url: `https://[::1]:${port}/mutate` } })).toBe(FIREWALL);
  });

  test.for([
    { namespaceSelector: { matchLabels: { a: 'b' } }, isNarrowed: true },
    { namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] }, isNarrowed: true },
    { namespaceSelector: {}, isNarrowed: false },
  ])('the namespace is left out, perhaps: $namespaceSelector', async ({ namespaceSelector, isNarrowed }) => {
    const port = await startPod(serving);
    const cause = await causeOf({ ...serviceAt(port), namespaceSelector });
    expect(cause).toBe(isNarrowed ? `its namespaceSelector leaves default out; or ${FIREWALL}` : FIREWALL);
  });

  test('where no port is given, it is 443', async () => {
    const isOf443 = (cause: string) => expect(cause).toMatch(/127\.0\.0\.1:443|no answer|does not fit/);
    const service = { namespace: 'its-namespace', name: 'its-service' };
    isOf443(
      await causeOf({
        clientConfig: { service },
        answer: answering(OWNER, [200, { spec: { clusterIP: '127.0.0.1' } }]),
      }),
    );
    isOf443(await causeOf({ clientConfig: { url: 'https://127.0.0.1/mutate' } }));
  });
});
