import { X509Certificate } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { describeCA, type FormerCA, type SigningCA } from '../../../src/certificates/ca.ts';
import { writeSecretContent } from '../../../src/certificates/ca-secret.ts';
import { issueServingCertificate, type KeyedCertificate } from '../../../src/certificates/issue.ts';
import { newCA } from '../../../src/certificates/new-ca.ts';
import { run } from '../../../src/commands/program.ts';
import type { Answer, ReceivedRequest } from '../../support/api-server.ts';
import { hoursLater, ISSUED_AT as NOW, validFor } from '../../support/certificates.ts';
import { testContext } from '../../support/context.ts';
import { documentedBlock, stepsOf } from '../../support/documented.ts';
import { environment } from '../../support/environment.ts';
import { startPod, startTrustApi } from '../../support/trust-api.ts';

const YEAR_MS = 365 * 24 * 3_600_000;
const NAMED = ['--ca-secret', 'a-namespace/a-secret', '--webhook-configuration', 'a-name'];
const SERVICE = { namespace: 'its-namespace', name: 'its-service' };
const NAMES = ['its-service.its-namespace.svc'];

let active: SigningCA;
let retired: FormerCA;
let byActive: KeyedCertificate;
let byRetired: KeyedCertificate;

beforeAll(async () => {
  active = await newCA('active', hoursLater(-2), YEAR_MS);
  const { key, ...before } = await newCA('active', hoursLater(-100), YEAR_MS);
  retired = { ...before, state: 'retired', since: hoursLater(-2) };
  byActive = await issueServingCertificate({ ca: active, names: NAMES, ...validFor(24) });
  byRetired = await issueServingCertificate({ ca: { ...retired, key }, names: NAMES, ...validFor(20) });
});

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

const REPAIR =
  'The replicas repair the caBundle within 15 s. If not, read their logs. ' +
  'See docs/runbooks.md, GatewayNameWebhookCABundleOutOfSync.';

/** EndpointSlices of the Service, with these ready Pods. */
function slices(...pods: readonly string[]): (request: ReceivedRequest) => Answer {
  const endpoints = pods.map((name) => ({ conditions: { ready: true }, targetRef: { kind: 'Pod', name } }));
  return ({ path, query }) =>
    path === '/apis/discovery.k8s.io/v1/namespaces/its-namespace/endpointslices' &&
    query['labelSelector'] === 'kubernetes.io/service-name=its-service'
      ? [200, { items: [{ ports: [{ name: 'https', port: 10_250 }], endpoints }] }]
      : [404, { message: 'not found' }];
}

function status(...args: readonly string[]) {
  return found(...NAMED, ...args);
}

/** Finds the installation, unless flags name it. */
async function found(...args: readonly string[]) {
  const { context, written } = testContext();
  const exitCode = await run(['certs', 'status', ...args], context);
  return { exitCode, ...written };
}

/** Two CAs in use, with one Pod each. */
async function overlap() {
  const bundle = retired.cert + active.cert;
  const api = await startTrustApi({
    secret: writeSecretContent([retired, active]),
    caBundles: [bundle, bundle],
    clientConfig: { service: SERVICE },
    answer: slices('pod-b', 'pod-a'),
  });
  api.pods.set('pod-a', await startPod(byActive));
  api.pods.set('pod-b', await startPod(byRetired));
  return api;
}

const short = ({ fingerprint }: { readonly fingerprint: string }) => fingerprint.slice(0, 12);
const fingerprintOf = ({ cert }: KeyedCertificate) => describeCA(new X509Certificate(cert)).fingerprint;
const seconds = (date: Date) => date.toISOString().replace(/\.\d+Z/, 'Z');

/** The output without the parts that differ in each run. */
const masked = (text: string) =>
  text.replaceAll(/\b[0-9a-f]{12}\b/g, 'FINGERPRINT').replaceAll(/\b20\d\d-[\dT:-]+Z/g, 'TIME');

describe('certs status', () => {
  test('shows the CAs, what each ready Pod serves, and what happens next', async () => {
    const api = await overlap();
    const { exitCode, stdout, stderr } = await status();
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      `CA             STATE     EXPIRES                LEFT    IN CABUNDLE
${short(retired)}   retired   2027-11-18T08:00:00Z   360 d   yes
${short(active)}   active    2027-11-22T10:00:00Z   364 d   yes

POD     SERVES         EXPIRES                LEFT   CA             TRUSTED
pod-a   ${fingerprintOf(byActive).slice(0, 12)}   2026-11-23T12:00:00Z   24 h   ${short(active)}   yes
pod-b   ${fingerprintOf(byRetired).slice(0, 12)}   2026-11-23T08:00:00Z   20 h   ${short(retired)}   yes

Next
  2026-11-23T14:00:00Z  CA ${short(retired)} leaves the caBundle
  ${seconds(active.renewAt)}  a new CA joins CA ${short(active)} in the caBundle
`,
    );
    expect(api.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('prints the example of docs/certificates.md', async () => {
    const pods = ['gateway-name-webhook-6c6b57778f-587jg', 'gateway-name-webhook-twin-79bf6b4f4c-bnfrf'];
    const api = await startTrustApi({
      secret: writeSecretContent([active]),
      caBundles: [active.cert, active.cert],
      clientConfig: { service: SERVICE },
      answer: slices(...pods),
    });
    const validity = validFor(24, hoursLater(-0.5));
    for (const pod of pods) {
      api.pods.set(
        pod,
        await startPod(await issueServingCertificate({ ca: active, names: ['localhost'], ...validity })),
      );
    }
    const { stdout } = await status();
    const [step] = stepsOf(documentedBlock('docs/certificates.md', 'console', 'certs status'));
    expect(step?.command).toBe('certs status');
    expect(masked(stdout)).toBe(masked(String(step?.output)));
  });

  test('lists problems as docs/certificates.md shows them', async () => {
    const clientConfig = { service: SERVICE, caBundle: Buffer.from(retired.cert).toString('base64') };
    const block = documentedBlock('docs/certificates.md', 'console', 'Problems');
    const [, pod = ''] = /Pod (\S+) serves/.exec(block) ?? [];
    const api = await startTrustApi({
      secret: writeSecretContent([active]),
      configuration: { webhooks: [{ name: 'standard.label.gateway-name-webhook', clientConfig }] },
      answer: slices(pod),
    });
    api.pods.set(pod, await startPod(byActive));
    const { exitCode, stdout } = await status();
    const [heading = '', ...lines] = block.split('\n');
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining(`\n${heading}\n`)]);
    // Codes of OpenSSL depend on the clock of the machine.
    const withoutCodes = (text: string) => text.replaceAll(/: [A-Z_]+$/gm, ': CODE');
    expect(withoutCodes(stdout)).toContain(withoutCodes(lines.join('\n')));
  });

  test('uses the clock of the API server, because the local one may be wrong', async () => {
    const api = await overlap();
    // Not a full hour, because the Date header has no milliseconds.
    const now = hoursLater(0.5);
    vi.setSystemTime(now);
    const right = await status();
    api.clock.date = () => now.toUTCString();
    for (const days of [-400, 400]) {
      vi.setSystemTime(hoursLater(days * 24, now));
      expect(await status()).toEqual(right);
    }

    // Without a Date header, the local clock is used.
    api.clock.date = () => undefined;
    vi.setSystemTime(now);
    expect(await status()).toEqual(right);
  });

  test('prints the same facts as JSON and YAML', async () => {
    await overlap();
    const { exitCode, stdout } = await status('-o', 'json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toStrictEqual({
      cas: [
        {
          fingerprint: retired.fingerprint,
          state: 'retired',
          since: '2026-11-22T10:00:00.000Z',
          notAfter: '2027-11-18T08:00:00.000Z',
          inCABundles: 2,
        },
        {
          fingerprint: active.fingerprint,
          state: 'active',
          since: '2026-11-22T10:00:00.000Z',
          notAfter: '2027-11-22T10:00:00.000Z',
          inCABundles: 2,
        },
      ],
      serving: [
        {
          pod: 'pod-a',
          fingerprint: fingerprintOf(byActive),
          notAfter: '2026-11-23T12:00:00.000Z',
          ca: active.fingerprint,
          trusted: true,
        },
        {
          pod: 'pod-b',
          fingerprint: fingerprintOf(byRetired),
          notAfter: '2026-11-23T08:00:00.000Z',
          ca: retired.fingerprint,
          trusted: true,
        },
      ],
      next: [
        { at: '2026-11-23T14:00:00.000Z', event: `CA ${short(retired)} leaves the caBundle` },
        { at: active.renewAt.toISOString(), event: `a new CA joins CA ${short(active)} in the caBundle` },
      ],
      problems: [],
    });
    expect(stdout.endsWith('}\n')).toBe(true);
    expect(parse((await status('-o', 'yaml')).stdout)).toStrictEqual(JSON.parse(stdout));
  });

  test('finds the release by its labels, and its Secret by the Service', async () => {
    const api = await overlap();
    const metadata = { name: 'a-release-provided', uid: 'c', resourceVersion: '1' };
    api.objects.configuration = { ...api.objects.configuration, metadata };
    expect(await found()).toEqual(await status());
    const paths = api.requests.map(({ path }) => path);
    expect(paths).toContain('/api/v1/namespaces/its-namespace/secrets/a-release-ca');
    expect(paths.some((path) => path.endsWith('/mutatingwebhookconfigurations/a-release-provided'))).toBe(true);
  });

  test('exits with 2 if nothing determines the namespace of the Secret', async () => {
    const api = await overlap();
    api.objects.configuration = undefined;
    expect(await found()).toMatchObject({
      exitCode: 2,
      stderr:
        'error: MutatingWebhookConfiguration gateway-name-webhook not found, so the namespace is unknown: set --ca-secret\n',
    });
    expect((await found('--webhook-configuration', 'a-name')).exitCode).toBe(2);
  });

  test.for([[], ['--ca-secret', 'a/b']])('exits with 2 if the installation cannot be read: %j', async (args) => {
    await startTrustApi({
      secret: writeSecretContent([active]),
      refuse: ({ path }) => (path.includes('mutatingwebhookconfigurations') ? [403, { message: 'no' }] : undefined),
    });
    expect(await found(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no\n') });
  });

  test('prints all problems, and exits with 1', async () => {
    const foreign = await newCA('active', NOW, 3_600_000 / 2);
    const api = await startTrustApi({
      secret: JSON.stringify([{}, ...JSON.parse(writeSecretContent([retired, active]))]),
      caBundles: [active.cert, `${retired.cert}${active.cert}`],
      clientConfig: { service: SERVICE },
      answer: slices('pod-a', 'pod-b', 'pod-c', 'pod-d'),
    });
    api.pods.set('pod-a', await startPod(byRetired));
    api.pods.set(
      'pod-b',
      await startPod(await issueServingCertificate({ ca: foreign, names: NAMES, ...validFor(24) })),
    );
    api.pods.set('pod-c', { error: 'an error of the kubelet' });
    const { exitCode, stdout } = await status();
    expect(exitCode).toBe(1);
    const [cas = '', pods = '', next = '', problems] = stdout.split('\n\n');
    expect(cas.split('\n').map((line) => line.split(/ {3,}/).at(-1))).toEqual(['IN CABUNDLE', '1 of 2', 'yes']);
    expect(pods.split('\n').map((line) => line.split(/ {2,}/).slice(3))).toEqual([
      ['LEFT', 'CA', 'TRUSTED'],
      ['20 h', short(retired), 'no'],
      ['0 h', 'unknown', 'no'],
      [],
      [],
    ]);
    expect(pods).toMatch(/\npod-c {3}unknown\npod-d {3}unknown$/);
    expect(next).toMatch(/^Next\n/);
    // OpenSSL's error codes depend on the local clock.
    expect(problems?.replaceAll(/: [A-Z_]+$/gm, ': CODE')).toBe(`Problems
  part of the Secret cannot be used: CA 1 of 3: it is not a CA entry
  the caBundle is wrong: a CA is missing from it
  Pod pod-a serves a certificate that the API server does not trust
    caBundle of entry-0: CODE
    ${REPAIR}
  Pod pod-b serves a certificate that the API server does not trust
    caBundle of entry-0: CODE
    caBundle of entry-1: CODE
    ${REPAIR}
  Cannot read the certificate of Pod its-namespace/pod-c: an error of the kubelet
    Read the log of Pod pod-c.
  Cannot reach Pod its-namespace/pod-d through the API server: Unexpected server response: 404
    Read the log of Pod pod-d.
`);
  });

  test('reports that no Pod is ready if the API server returns null instead of lists', async () => {
    await startTrustApi({
      secret: writeSecretContent([active]),
      caBundles: [active.cert],
      clientConfig: { service: SERVICE },
      answer: () => [200, { items: [{ ports: null, endpoints: null }] }],
    });
    const { exitCode, stdout } = await status();
    expect(exitCode).toBe(1);
    expect(stdout).toContain('\nPOD   SERVES   EXPIRES   LEFT   CA   TRUSTED\n');
    expect(stdout).toMatch(
      /\n\nProblems\n {2}Service its-namespace\/its-service has no ready Pod\n {4}See `kubectl get pods/,
    );
  });

  test('prints that a certificate has expired, and how long others are valid', async () => {
    const api = await startTrustApi({
      secret: writeSecretContent([active]),
      caBundles: [active.cert],
      clientConfig: { service: SERVICE },
      answer: slices('pod-a'),
    });
    api.pods.set('pod-a', await startPod(byActive));
    vi.setSystemTime(hoursLater(24, new Date(NOW.getTime() + 1)));
    const expired = await status();
    expect(expired.stdout).toMatch(/\npod-a .* expired +\w{12} +no\n/);
    expect(expired.exitCode).toBe(1);
    vi.setSystemTime(hoursLater(23.5));
    expect((await status()).stdout).toMatch(/\npod-a .* 0 h +\w{12} +yes\n/);
    for (const { hours, left } of [
      { hours: 47.5, left: '47 h' },
      { hours: 48, left: '2 d' },
    ]) {
      vi.setSystemTime(hoursLater(-hours, active.notAfter));
      expect((await status()).stdout).toMatch(new RegExp(` active .*Z {3}${left} {3}`));
    }
  });

  test('finds the Pods of a webhook with a URL by the name of the webhook configuration', async () => {
    const api = await startTrustApi({
      secret: writeSecretContent([active]),
      caBundles: [active.cert],
      clientConfig: { url: 'https://example.com/mutate' },
    });
    await status();
    expect(api.requests).toContainEqual(
      expect.objectContaining({
        path: '/apis/discovery.k8s.io/v1/namespaces/a-namespace/endpointslices',
        query: { labelSelector: 'kubernetes.io/service-name=a-name' },
      }),
    );
  });

  test('describes an installation without entries', async () => {
    await startTrustApi({ secret: writeSecretContent([active]), caBundles: [] });
    const { exitCode, stdout } = await status();
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/ active .* no\n/);
    expect(stdout).toContain('\n  the MutatingWebhookConfiguration has no entries\n');
  });

  test.for([
    {
      gone: 'secret' as const,
      says: 'CA Secret not found. In certificate mode self, the replicas create it within 15 s: try again. Other modes have none. If it has another name, set --ca-secret',
    },
    {
      gone: 'configuration' as const,
      says: 'MutatingWebhookConfiguration not found: set --webhook-configuration',
    },
  ])('exits with 1 if there is no $gone', async ({ gone, says }) => {
    const api = await startTrustApi();
    api.objects[gone] = undefined;
    expect(await status()).toEqual({ exitCode: 1, stdout: '', stderr: `error: ${says}\n` });
  });

  test('exits with 2 if the API server is unavailable', async () => {
    const { stop, url } = await startTrustApi();
    await stop();
    const { exitCode, stdout, stderr } = await status();
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`error: Cannot reach the API server at ${url}: `);
    expect((await status('--context', 'third')).stderr).toBe(
      'error: The kubeconfig has no context "third"; it has "first", "second", "namespaced"\n',
    );
  });

  test('uses the cluster of the context', async () => {
    const { requests } = await startTrustApi();
    await status('--context', 'second');
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.filter(({ path }) => !path.startsWith('/other/'))).toEqual([]);
  });

  test.for([
    { args: ['--ca-secret', 'ca'], says: '--ca-secret is "ca", expected a namespace and a name, such as default/ca' },
    { args: ['--webhook-configuration', 'A'], says: '--webhook-configuration is "A", expected a name' },
    {
      args: ['-o', 'xml'],
      says: "option '-o, --output <form>' argument 'xml' is invalid. Allowed choices are table, json, yaml.",
    },
  ])('exits with 2 after a usage error: $args', async ({ args, says }) => {
    const { exitCode, stdout, stderr } = await status(...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`error: ${says}\n`);
  });

  test('uses the installation in the environment variables of serve', async () => {
    const api = await startTrustApi();
    environment({
      GATEWAY_NAME_WEBHOOK_CA_SECRET: 'n/s',
      GATEWAY_NAME_WEBHOOK_WEBHOOK_CONFIGURATION: 'c',
    });
    const { context } = testContext();
    await run(['certs', 'status'], context);
    expect(api.requests.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        '/api/v1/namespaces/n/secrets/s',
        '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/c',
      ]),
    );
  });
});
