import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS } from '../../src/admission/gateway.ts';
import { RECORDED_REASONS, RECORDED_REVIEWS, recorded } from '../support/reviews.ts';
import { buildTestServer } from '../support/server.ts';

const { standard, owner } = GATEWAY_LABELS;
const V1 = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };

function reviewOf(metadata: object, request: object = {}) {
  const facts = { uid: 'u-1', kind: { kind: 'Pod' }, namespace: 'shop', operation: 'CREATE', dryRun: false };
  return { ...V1, request: { ...facts, ...request, object: { metadata } } };
}

const post = (app: ReturnType<typeof buildTestServer>['app'], payload: object) =>
  app.inject({ method: 'POST', url: '/mutate?timeout=2s', payload });

describe('POST /mutate', () => {
  test.for(RECORDED_REVIEWS)('answers %s according to the rule', async (file) => {
    const { app, samples } = buildTestServer({ reverse: 'managed' });
    const review = recorded(file);
    const response = await post(app, review);
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(/^application\/json/);

    const name = review.request.object?.metadata?.labels?.[owner];
    const patch = [{ op: 'add', path: '/metadata/labels/gateway.networking.k8s.io~1gateway-name', value: name }];
    const base64 = Buffer.from(JSON.stringify(patch)).toString('base64');
    const reason = RECORDED_REASONS[file];
    expect(response.json()).toStrictEqual({
      ...V1,
      response: {
        uid: review.request.uid,
        allowed: true,
        ...(reason === 'added-standard' && { patchType: 'JSONPatch', patch: base64 }),
        auditAnnotations: { reason },
      },
    });
    const { kind, operation, dryRun } = review.request;
    const labels = `reason="${reason}",kind="${kind?.kind}",operation="${operation}",dry_run="${dryRun}"`;
    expect(await samples('gateway_name_webhook_decisions_total')).toEqual([`{${labels}} 1`]);
  });

  test('restricts the reverse direction to the setting', async () => {
    const review = reviewOf({ labels: { [standard]: 'eg' } });
    const reasons = async (reverse: 'both' | 'off') =>
      (await post(buildTestServer({ reverse }).app, review)).json().response.auditAnnotations.reason;
    expect(await reasons('both')).toBe('added-owner');
    expect(await reasons('off')).toBe('not-managed');
  });

  test.for([
    { reason: 'added-standard', level: 30, labels: { [owner]: 'eg' } },
    { reason: 'added-owner', level: 30, labels: { [standard]: 'eg' } },
    { reason: 'conflict', level: 30, labels: { [standard]: 'eg', [owner]: 'ge' } },
    { reason: 'invalid-value', level: 30, labels: { [standard]: '' } },
    { reason: 'complete', level: 20, labels: { [standard]: 'eg', [owner]: 'eg' } },
    { reason: 'no-gateway', level: 20, labels: {} },
    { reason: 'opted-out', level: 20, labels: { 'gateway-name-webhook/ignore': '' } },
  ])('logs one line for $reason at level $level', async ({ reason, level, labels }) => {
    const { app, lines } = buildTestServer();
    await post(app, reviewOf({ labels }, { name: 'a' }));
    expect(lines).toEqual([{ level, uid: 'u-1', kind: 'Pod', namespace: 'shop', name: 'a', reason, msg: 'decided' }]);
  });

  test.for([
    {
      from: 'the request',
      request: { name: 'a' },
      metadata: { name: 'b', generateName: 'c-' },
      expected: { name: 'a' },
    },
    { from: 'the object', request: { name: '' }, metadata: { name: 'b' }, expected: { name: 'b' } },
    { from: 'its generateName', request: {}, metadata: { generateName: 'c-' }, expected: { generateName: 'c-' } },
    { from: 'nowhere', request: { kind: undefined, namespace: undefined }, metadata: {}, expected: {} },
    {
      from: 'a name too long for one',
      request: { name: 'n'.repeat(300) },
      metadata: {},
      expected: { name: 'n'.repeat(253) },
    },
  ])('logs the name from $from', async ({ request, metadata, expected }) => {
    const { app, lines } = buildTestServer();
    await post(app, reviewOf(metadata, request));
    const [{ name, generateName }] = lines as [Record<string, string>];
    expect({ name, generateName }).toEqual(expected);
  });

  test('counts other kinds and operations as other', async () => {
    const { app, samples } = buildTestServer();
    await post(app, reviewOf({}, { kind: { kind: 'Deployment' }, operation: 'PROXY', dryRun: true }));
    await post(app, { ...V1, request: { uid: 'u' } });
    expect(await samples('gateway_name_webhook_decisions_total')).toEqual([
      '{reason="no-gateway",kind="other",operation="other",dry_run="true"} 1',
      '{reason="no-gateway",kind="other",operation="other",dry_run="false"} 1',
    ]);
  });

  test('measures the duration of an answer in seconds', async () => {
    const { app, samples } = buildTestServer();
    const startedAt = performance.now();
    await post(app, reviewOf({}));
    const seconds = (performance.now() - startedAt) / 1000;
    expect(await samples('gateway_name_webhook_admission_duration_seconds_count')).toEqual([' 1']);
    const [sum] = await samples('gateway_name_webhook_admission_duration_seconds_sum');
    expect(Number(sum)).toBeGreaterThan(0.00001);
    expect(Number(sum)).toBeLessThan(seconds);
  });

  test('handles __proto__ and constructor as ordinary keys', async () => {
    const { app } = buildTestServer();
    const labels = `{"__proto__": {"${owner}": "eg"}, "constructor": {"prototype": {"${owner}": "eg"}}}`;
    const metadata = `{"annotations": {"__proto__": "x", "constructor": "y"}, "__proto__": {"labels": ${labels}}}`;
    const payload = `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","object":{"metadata":${metadata}}}}`;
    const response = await app.inject({
      method: 'POST',
      url: '/mutate',
      payload,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.json().response).toEqual({ uid: 'u', allowed: true, auditAnnotations: { reason: 'no-gateway' } });
    expect(({} as Record<string, string>)[owner]).toBeUndefined();

    const patched = payload.replace('"annotations"', `"labels": {"__proto__": "x", "${owner}": "eg"}, "annotations"`);
    const second = await app.inject({
      method: 'POST',
      url: '/mutate',
      payload: patched,
      headers: { 'content-type': 'application/json' },
    });
    expect(second.json().response).toMatchObject({ allowed: true, auditAnnotations: { reason: 'added-standard' } });
  });

  test('counts every decision, and leaves out log lines if there are too many for one reason', async () => {
    const { app, lines, samples } = buildTestServer();
    const labels = { [standard]: 'eg', [owner]: 'ge' };
    await Promise.all(Array.from({ length: 500 }, () => post(app, reviewOf({ labels }))));
    await post(app, reviewOf({ labels: { [owner]: 'eg' } }));
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'decided', reason: 'added-standard' }));
    expect(await samples('gateway_name_webhook_decisions_total{reason="conflict"')).toEqual([
      expect.stringMatching(/ 500$/),
    ]);
    const logged = () => lines.filter(({ msg, reason }) => msg === 'decided' && reason === 'conflict').length;
    expect(logged()).toBeLessThan(500);
    const leftOut = () => lines.reduce((sum, line) => sum + Number(line['leftOut'] ?? 0), 0);
    await expect.poll(() => logged() + leftOut(), { timeout: 3_000 }).toBe(500);
  });
});
