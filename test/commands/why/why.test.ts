import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { GATEWAY_LABELS } from '../../../src/admission/gateway.ts';
import { run } from '../../../src/commands/program.ts';
import type { Answer, ReceivedRequest } from '../../support/api-server.ts';
import { testContext } from '../../support/context.ts';
import { AT, configurationOf, ENTRIES, setBy } from '../../support/live-facts.ts';
import { type ObjectApiOptions, startObjectApi } from '../../support/object-api.ts';
import { OWNER, STANDARD, storedObject } from '../../support/objects.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-23T12:00:00Z') }));
afterEach(() => void vi.useRealTimers());

const { owner, standard } = GATEWAY_LABELS;
const STANDARD_ENTRY = 'standard.label.gateway-name-webhook';
const OWNER_ENTRY = 'owner.label.gateway-name-webhook';
const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const METRICS = `apiserver_admission_webhook_fail_open_count{name="${STANDARD_ENTRY}",type="admit"} 3
apiserver_admission_webhook_request_total{code="200",name="${STANDARD_ENTRY}",operation="CREATE",rejected="false"} 17
apiserver_admission_webhook_request_total{code="500",name="${STANDARD_ENTRY}",operation="CREATE",rejected="false"} 2
process_start_time_seconds ${Date.parse('2026-11-21T00:00:00Z') / 1000}
`;
const FORBIDDEN: Answer = [403, { message: 'forbidden' }];

const created = { creationTimestamp: AT.created };
const OBJECTS = [
  storedObject('Pod', 'shop/lacking', OWNER('eg'), { ...created, managedFields: [setBy('envoy-gateway', [owner])] }),
  storedObject(
    'Service',
    'shop/complete',
    { ...OWNER('eg'), ...STANDARD('eg') },
    {
      ...created,
      managedFields: [setBy('envoy-gateway', [owner]), setBy('gateway-name-webhook', [standard], AT.later)],
    },
  ),
  storedObject('ServiceAccount', 'default/plain', {}),
];

function configured({ path }: ReceivedRequest): Answer | undefined {
  if (path === CONFIGURATIONS) return [200, { metadata: {}, items: [configurationOf(ENTRIES)] }];
  return path === '/metrics' ? [200, METRICS] : undefined;
}

async function why(args: readonly string[], options: ObjectApiOptions = {}) {
  const api = await startObjectApi({
    objects: OBJECTS,
    namespaces: { shop: {}, default: {} },
    answer: configured,
    ...options,
  });
  const { context, written } = testContext();
  const exitCode = await run(['why', ...args], context);
  return { exitCode, ...written, requests: api.requests };
}

describe('why', () => {
  test('explains why an object is missing a label', async () => {
    const { exitCode, stdout, stderr, requests } = await why(['pod/lacking', '-n', 'shop']);
    expect([exitCode, stderr]).toEqual([0, 'using rule.reverse=both (from a-name); override it with --reverse\n']);
    expect(stdout).toBe(`Pod shop/lacking, created 2026-11-22T00:00:00Z (36h ago)
added-standard: missing gateway.networking.k8s.io/gateway-name=eg
MutatingWebhookConfiguration a-name, created 2026-11-20T00:00:00Z, changed 2026-11-20T00:00:00Z

LABEL                                       VALUE   SET BY          AT
gateway.networking.k8s.io/gateway-name      -
gateway.envoyproxy.io/owning-gateway-name   eg      envoy-gateway   2026-11-22T00:00:00Z

ENTRY                                 IF CREATED WITH   SENT   WHY
standard.label.gateway-name-webhook   its labels        yes
owner.label.gateway-name-webhook      its labels        no     its objectSelector excludes the object

ENTRY                                 CALLS SINCE 2026-11-21T00:00:00Z   FAILED OPEN
standard.label.gateway-name-webhook   17 (200), 2 (500)                  3
owner.label.gateway-name-webhook      0                                  0

Verdict: the API server failed open 3 times since 2026-11-21T00:00:00Z for standard.label.gateway-name-webhook, most likely also for this object; run \`backfill\` to add the label.
`);
    expect(requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('prints the same facts as JSON', async () => {
    const { stdout } = await why(['pod/lacking', '-n', 'shop', '-o', 'json']);
    expect(JSON.parse(stdout)).toStrictEqual({
      object: { kind: 'Pod', namespace: 'shop', name: 'lacking', creationTimestamp: AT.created },
      reason: 'added-standard',
      add: { [standard]: 'eg' },
      labels: [
        { key: standard, setBy: [] },
        { key: owner, value: 'eg', setBy: [{ manager: 'envoy-gateway', time: AT.created }] },
      ],
      configuration: {
        name: 'a-name',
        exists: true,
        creationTimestamp: AT.configured,
        changedAt: AT.configured,
      },
      policies: { found: [] },
      namespace: { labels: {} },
      sendings: [
        { entry: STANDARD_ENTRY, createdWith: 'its labels', sent: 'yes', because: [] },
        {
          entry: OWNER_ENTRY,
          createdWith: 'its labels',
          sent: 'no',
          because: ['its objectSelector excludes the object'],
        },
      ],
      counters: {
        since: '2026-11-21T00:00:00Z',
        entries: [
          { name: STANDARD_ENTRY, failOpens: 3, calls: { 200: 17, 500: 2 } },
          { name: OWNER_ENTRY, failOpens: 0, calls: {} },
        ],
      },
      verdict: `the API server failed open 3 times since 2026-11-21T00:00:00Z for ${STANDARD_ENTRY}, most likely also for this object; run \`backfill\` to add the label`,
    });
    const yaml = await why(['pod/lacking', '-n', 'shop', '-o', 'yaml']);
    expect(parse(yaml.stdout)).toStrictEqual(JSON.parse(stdout));
  });

  test('checks policies if there is no webhook', async () => {
    const group = '/apis/admissionregistration.k8s.io/v1';
    const spec = { failurePolicy: 'Ignore', matchConstraints: {} };
    const metadata = { name: 'gateway-name-webhook-standard', creationTimestamp: AT.configured };
    const asked = ['pod/lacking', '-n', 'shop', '--webhook-configuration', 'gateway-name-webhook-provided'];
    const answer = ({ path }: ReceivedRequest): Answer | undefined => {
      if (path === `${group}/mutatingadmissionpolicies/${metadata.name}`) return [200, { metadata, spec }];
      return path === '/metrics' ? [200, METRICS] : undefined;
    };

    const { stdout } = await why(asked, { answer });
    expect(stdout).toContain(`
MutatingAdmissionPolicy gateway-name-webhook-standard, created ${AT.configured}, binding missing
`);
    expect(stdout).toContain('Verdict: gateway-name-webhook-standard has no binding, so it does nothing; run');
    const machines = await why([...asked, '-o', 'json'], { answer });
    expect(JSON.parse(machines.stdout).policies).toEqual({
      found: [{ ...metadata, direction: 'standard', binding: 'missing' }],
    });
  });

  test('continues without permission to read policies', async () => {
    const { stdout } = await why(['pod/lacking', '-n', 'shop'], {
      answer: ({ path }) => {
        if (path === CONFIGURATIONS) return [200, { metadata: {}, items: [] }];
        return path.includes('mutatingadmissionpolicies') ? FORBIDDEN : undefined;
      },
    });
    expect(stdout).toContain('; cannot tell whether policies are installed: The API server refused');
  });

  test('prints which manager has set the labels of an object that has both', async () => {
    const { stdout } = await why(['svc/complete', '-n', 'shop']);
    expect(stdout).toContain(`Service shop/complete, created 2026-11-22T00:00:00Z (36h ago)\ncomplete\n`);
    expect(stdout).toMatch(/\n\S+gateway-name +eg +gateway-name-webhook +2026-11-22T06:00:00Z\n/);
    expect(stdout).toContain(`\n${OWNER_ENTRY}      standard alone    yes\n`);
    expect(stdout).toContain(`\nVerdict: backfill or heal added ${standard} at 2026-11-22T06:00:00Z.\n`);
  });

  test('does not print when the webhook configuration was changed if that is not recorded', async () => {
    const { managedFields: _, ...metadata } = configurationOf(ENTRIES).metadata;
    const answer = (request: ReceivedRequest): Answer | undefined =>
      request.path === CONFIGURATIONS
        ? [200, { metadata: {}, items: [{ metadata, webhooks: ENTRIES }] }]
        : configured(request);
    const { stdout } = await why(['pod/lacking', '-n', 'shop'], { answer });
    expect(stdout).toContain(`\nMutatingWebhookConfiguration a-name, created ${AT.configured}\n\n`);
  });

  test('prints the labels that admission added', async () => {
    const object = storedObject('Pod', 'shop/a', { ...OWNER('eg'), ...STANDARD('eg') }, OBJECTS[0]?.metadata);
    const metadata = { ...object.metadata, name: 'a', labels: { ...OWNER('eg'), ...STANDARD('eg') } };
    const { stdout } = await why(['po/a', '-n', 'shop'], { objects: [{ ...object, metadata }] });
    expect(stdout).toMatch(/\n\S+gateway-name +eg +admission\n/);
  });

  test('continues without some permissions, and prints the missing ones', async () => {
    const { exitCode, stdout } = await why(['pod/lacking', '-n', 'shop'], {
      answer: ({ path }) => {
        if (path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews')
          return [201, { status: { allowed: false } }];
        if (path === '/apis/authentication.k8s.io/v1/selfsubjectreviews') {
          return [201, { status: { userInfo: { username: 'jane' } } }];
        }
        return path.endsWith('/pods/lacking') ? undefined : FORBIDDEN;
      },
    });
    expect(exitCode).toBe(0);
    const [, , problems, verdict] = stdout.split('\n\n');
    const lines = problems?.split('\n') ?? [];
    const isCommand = (line: string) => line.startsWith('    kubectl create ');
    expect(lines.filter((line) => !isCommand(line))).toEqual([
      'Problems',
      '  User "jane" is not allowed to get namespaces. Ask a cluster admin to run:',
      '  User "jane" is not allowed to list mutatingwebhookconfigurations.admissionregistration.k8s.io. Ask a cluster admin to run:',
      '  You are not allowed to get /metrics from the API server. Ask a cluster admin to run, with your user name:',
      '  User "jane" is not allowed to list mutatingadmissionpolicies.admissionregistration.k8s.io. Ask a cluster admin to run:',
    ]);
    expect(lines.filter(isCommand)).toHaveLength(7);
    expect(verdict).toBe(
      'Verdict: cannot tell why a label is missing: gateway-name-webhook cannot be read; run `backfill` to add the label.\n',
    );
  });

  test('says that no requests are sent without a webhook configuration', async () => {
    const answer = (request: ReceivedRequest): Answer | undefined =>
      request.path === CONFIGURATIONS ? [200, { metadata: {}, items: [] }] : configured(request);
    const { stdout } = await why(['pod/lacking', '-n', 'shop', '-o', 'json'], { answer });
    expect(JSON.parse(stdout)).toMatchObject({
      configuration: { name: 'gateway-name-webhook', exists: false },
      sendings: [],
      counters: { since: '2026-11-21T00:00:00Z', entries: [] },
      verdict: expect.stringMatching(
        /^MutatingWebhookConfiguration gateway-name-webhook not found, so .*; run `backfill`/,
      ),
    });
    const table = await why(['pod/lacking', '-n', 'shop'], { answer });
    expect(table.stdout).not.toMatch(/ENTRY|MutatingWebhookConfiguration .*created|Problems/);
  });

  test("uses the context's namespace and the given webhook configuration", async () => {
    const args = ['serviceaccounts/plain', '--webhook-configuration', 'a-name'];
    const { stdout } = await why(args, { namespaces: {} });
    expect(stdout).toContain('ServiceAccount default/plain,');
    expect(stdout.split('\n\n').at(-1)).toBe('Verdict: it has neither label, so it belongs to no Gateway.\n');
    const { exitCode, stderr } = await why([...args, '--context', 'namespaced']);
    expect([exitCode, stderr]).toEqual([2, 'error: ServiceAccount of-the-context/plain not found\n']);
  });

  test.for([
    { args: ['--check'], exitCode: 1 },
    { args: ['--check', '--reverse', 'off'], exitCode: 1 },
    { args: [], exitCode: 0 },
  ])('exits with $exitCode if a label is missing: $args', async ({ args, exitCode }) => {
    expect((await why(['Pods/lacking', '-n', 'shop', ...args])).exitCode).toBe(exitCode);
  });

  test('exits with 0 if no label is missing', async () => {
    expect((await why(['service/complete', '-n', 'shop', '--check'])).exitCode).toBe(0);
  });

  test('exits with 2 without permission to read the object', async () => {
    const { exitCode, stderr } = await why(['pod/lacking', '-n', 'shop'], { answer: () => FORBIDDEN });
    expect(exitCode).toBe(2);
    expect(stderr).toBe('error: The API server refused GET /api/v1/namespaces/shop/pods/lacking: forbidden\n');
  });

  test.for([
    { args: [], says: "missing required argument 'kind/name'" },
    { args: ['pod/a', 'pod/b'], says: "too many arguments for 'why'. Expected 1 argument but got 2: pod/a, pod/b." },
    { args: ['node/a'], says: 'The object is "node/a", expected pod/NAME, service/NAME or serviceaccount/NAME' },
    { args: ['pod'], says: 'The object is "pod", expected ' },
    { args: ['pod/a/b'], says: 'The object is "pod/a/b", expected ' },
    { args: ['pod/a', '-n', 'b/c'], says: '"b/c" is not a valid object name' },
    { args: ['pod/a', '--webhook-configuration', ''], says: '"" is not a valid object name' },
  ])('exits with 2 for $args', async ({ args, says }) => {
    const { exitCode, stdout, stderr } = await why(args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`error: ${says}`);
  });
});
