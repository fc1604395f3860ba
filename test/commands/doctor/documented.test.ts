import { expect, test } from 'vitest';
import { issueCA, issueServingCertificate } from '../../../src/certificates/issue.ts';
import { run } from '../../../src/commands/program.ts';
import type { WebhookConfiguration } from '../../../src/installation/configuration.ts';
import type { Answer, ReceivedRequest } from '../../support/api-server.ts';
import { hoursLater, validFor } from '../../support/certificates.ts';
import { madeConfiguration } from '../../support/chart-configuration.ts';
import { testContext } from '../../support/context.ts';
import { documentedBlock, stepsOf } from '../../support/documented.ts';
import { gatewayObject, OWNER } from '../../support/gateway-objects.ts';
import { startPod, startTrustApi } from '../../support/trust-api.ts';

const NAME = 'gateway-name-webhook';
const PODS: Readonly<Record<string, string>> = {
  [NAME]: `${NAME}-6c6b57778f-587jg`,
  [`${NAME}-twin`]: `${NAME}-twin-79bf6b4f4c-bnfrf`,
};
const RELEASE = { 'meta.helm.sh/release-name': NAME, 'meta.helm.sh/release-namespace': NAME };
const GENERATED = 'envoy-shop-eg-84fd7606';

/** The chart's configuration in a cluster, with one timeout edited by hand. */
function edited(caBundle: string): WebhookConfiguration {
  const { metadata, webhooks = [] } = madeConfiguration();
  const fields = (...names: readonly string[]) => {
    const set = Object.fromEntries(names.map((name) => [`f:${name}`, {}]));
    return { 'f:webhooks': { [`k:{"name":"owner.label.${NAME}"}`]: set } };
  };
  return {
    metadata: {
      ...metadata,
      annotations: RELEASE,
      managedFields: [
        { manager: 'helm', time: '2026-11-22T04:21:07Z', fieldsV1: fields('rules', 'objectSelector', 'sideEffects') },
        { manager: 'kubectl-edit', time: '2026-11-23T04:21:07Z', fieldsV1: fields('timeoutSeconds') },
      ],
    },
    webhooks: webhooks.map((entry) => ({
      ...entry,
      clientConfig: { ...entry.clientConfig, caBundle: Buffer.from(caBundle).toString('base64') } as never,
      timeoutSeconds: entry.name === `owner.label.${NAME}` ? 30 : entry.timeoutSeconds,
    })),
  };
}

/** A cluster whose control plane does not reach Pods: dry runs come back without labels, and the proxy times out. */
function answerOf({ method, path, query }: ReceivedRequest): Answer {
  if (path.endsWith('/selfsubjectaccessreviews')) return [201, { status: { allowed: true } }];
  if (path.endsWith('/proxy/mutate')) {
    const message = 'error trying to reach service: dial tcp 10.244.1.7:10250: i/o timeout';
    return [503, { kind: 'Status', message }];
  }
  if (path.endsWith('/endpointslices')) {
    const service = String(query['labelSelector']).replace('kubernetes.io/service-name=', '');
    const targetRef = { kind: 'Pod', name: PODS[service] };
    return [
      200,
      {
        items: [{ ports: [{ name: 'https', port: 10_250 }], endpoints: [{ conditions: { ready: true }, targetRef }] }],
      },
    ];
  }
  if (method === 'POST') return [201, { metadata: { labels: {} } }];
  if (path === '/version') return [200, { gitVersion: 'v1.37.2' }];
  if (path.includes(`/namespaces/${NAME}/services/`)) return [200, { spec: { ports: [{ port: 443 }] } }];
  const kind = { '/api/v1/serviceaccounts': 'ServiceAccount', '/api/v1/services': 'Service' }[path];
  const isLacking = String(query['labelSelector']).startsWith(`${OWNER},!`);
  if (path.startsWith('/api/v1/') || path.endsWith('/poddisruptionbudgets')) {
    return [200, { metadata: {}, items: kind && isLacking ? [generated(kind as 'Service')] : [] }];
  }
  return [404, { kind: 'Status', message: 'not found' }];
}

function generated(kind: 'Service' | 'ServiceAccount') {
  const labels = { [OWNER]: 'eg', 'app.kubernetes.io/managed-by': 'envoy-gateway' };
  return gatewayObject(GENERATED, labels, { kind, namespace: 'envoy-gateway-system' });
}

test('docs/doctor.md shows what doctor prints', async () => {
  const issuedAt = hoursLater(-8.5, new Date());
  const ca = await issueCA(validFor(24 * 365, issuedAt));
  const names = Object.keys(PODS).map((service) => `${service}.${NAME}.svc`);
  const serving = await issueServingCertificate({ ca, names, ...validFor(24, issuedAt) });
  const api = await startTrustApi({ configuration: edited(ca.cert), answer: answerOf });
  for (const pod of Object.values(PODS)) api.pods.set(pod, await startPod(serving));

  const [step] = stepsOf(documentedBlock('docs/doctor.md', 'console', '$ gateway-name-webhook doctor'));
  const { context, written } = testContext();
  expect(await run(String(step?.command).split(' '), context)).toBe(1);
  expect(written.stdout).toBe(step?.output);
});
