import { beforeAll, expect, inject, test } from 'vitest';
import { auditAnnotations } from '../cluster/audit.ts';
import { eventually } from '../cluster/eventually.ts';
import { kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { create, createNamespace, type Labels, OWNER, objectOf, STANDARD } from '../cluster/objects.ts';
import { setUpEngines } from './engines.ts';
import { Release } from './helm.ts';
import { describePolicies, newRelease } from './installed.ts';

/** A label that makes another policy add Envoy Gateway's label. */
const ASKS = 'asks-for-an-owner';

const OTHER = 'aaa-another-policy';

const apiVersion = `admissionregistration.k8s.io/${inject('cluster')?.policyVersion}`;

/** A foreign policy. Its name sorts before all others. */
const OTHER_POLICY = [
  {
    apiVersion,
    kind: 'MutatingAdmissionPolicy',
    metadata: { name: OTHER },
    spec: {
      matchConstraints: {
        objectSelector: { matchLabels: { [ASKS]: '' } },
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['serviceaccounts'] },
        ],
      },
      mutations: [
        {
          patchType: 'JSONPatch',
          jsonPatch: {
            expression: `[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("${OWNER}"), value: "late"}]`,
          },
        },
      ],
      reinvocationPolicy: 'IfNeeded',
    },
  },
  {
    apiVersion,
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name: OTHER },
    spec: { policyName: OTHER },
  },
];

/** The differences between the engines that docs/engines.md documents. */
describePolicies('an object', () => {
  beforeAll(async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: OTHER_POLICY };
    await kubectl(['create', '-f', '-'], list);
    return async () => {
      await kubectl(['delete', '-f', '-'], list);
    };
  });

  test('with a label from another policy gets the second label from the webhook, but not from the policy', async () => {
    const [both] = await setUpEngines({ operations: ['CREATE'] });
    const labelsIn = async (namespace = ''): Promise<Labels | undefined> => {
      const object = objectOf('ServiceAccount', { namespace, generateName: 'eg-', labels: { [ASKS]: '' } });
      const labels = (await create(object)).metadata.labels;
      return labels?.[OWNER] === undefined ? undefined : labels;
    };

    const labels = { [ASKS]: '', [OWNER]: 'late' };
    expect(await eventually('the other policy', () => labelsIn(both?.webhook))).toEqual({
      ...labels,
      [STANDARD]: 'late',
    });
    expect(await eventually('the other policy', () => labelsIn(both?.policy))).toEqual(labels);
  });

  test('has a reason in the audit log if the webhook labels it, and none if the policy does', async () => {
    const [both] = await setUpEngines({ operations: ['CREATE'] });
    const said = async (namespace = '') => {
      await create(objectOf('ServiceAccount', { namespace, labels: { [OWNER]: 'eg' } }));
      const annotations = await auditAnnotations('serviceaccounts', namespace);
      // The API server adds these to every request, or to slow ones.
      return Object.keys(annotations).filter((key) => !/^(authorization|apiserver\.latency)\.k8s\.io\//.test(key));
    };

    expect(await said(both?.webhook)).toContain('standard.label.gateway-name-webhook/reason');
    expect(await said(both?.policy)).toEqual([]);
  });

  test.for([
    { engine: 'policy', refused: /^The serviceaccounts "eg" is invalid: .*denied request/ },
    { engine: 'webhook', refused: /^Error from server \(InternalError\): .*failed calling webhook/ },
  ])('is refused with the reason if $engine fails and failurePolicy is Fail', async ({ engine, refused }) => {
    const release = await newRelease();
    const namespace = await createNamespace();
    await using _installed = await Release.install(release, {
      engine,
      fullnameOverride: release.name,
      webhook: {
        failurePolicy: 'Fail',
        // Nothing listens there.
        clientConfig: { url: 'https://127.0.0.1:1/mutate' },
        // A policy stays in effect for up to a second after its deletion. It must not affect other tests.
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      },
    });
    if (engine === 'policy') {
      const broken =
        '[{"op": "replace", "path": "/spec/matchConditions/0/expression", "value": "object.spec.no == 1"}]';
      await kubectl(['patch', 'mutatingadmissionpolicy', `${release.name}-standard`, '--type=json', '-p', broken]);
    }
    const object = objectOf('ServiceAccount', { namespace, labels: { [OWNER]: 'eg' } });

    const stderr = await eventually('a refusal', async () => {
      const attempt = await tryKubectl(['create', '--dry-run=server', '-f', '-'], object);
      return attempt.exitCode === 0 ? undefined : attempt.stderr;
    });
    expect(stderr).toMatch(refused);
  });
});
