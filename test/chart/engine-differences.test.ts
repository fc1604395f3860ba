import { beforeAll, expect, inject, test } from 'vitest';
import { auditAnnotations } from '../cluster/audit.ts';
import { eventually } from '../cluster/eventually.ts';
import { kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { create, createNamespace, type Labels, OWNER, objectOf, STANDARD } from '../cluster/objects.ts';
import { setUpEngines } from './engines.ts';
import { Release } from './helm.ts';
import { describePolicies, newRelease } from './installed.ts';

/** A label by which another policy is asked to add Envoy Gateway's. */
const ASKS = 'asks-for-an-owner';

const OTHER = 'aaa-another-policy';

const apiVersion = `admissionregistration.k8s.io/${inject('cluster')?.policyVersion}`;

/** A policy of somebody else, whose name comes before that of any other. */
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

/** How the engines differ by nature, as the README tells. */
describePolicies('an object', () => {
  beforeAll(async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: OTHER_POLICY };
    await kubectl(['create', '-f', '-'], list);
    return async () => {
      await kubectl(['delete', '-f', '-'], list);
    };
  });

  test('that gets a label from another policy gets the second by the webhook, and not by the policy', async () => {
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

  test('that gets its label is in the audit log with a reason by the webhook, and without by the policy', async () => {
    const [both] = await setUpEngines({ operations: ['CREATE'] });
    const said = async (namespace = '') => {
      await create(objectOf('ServiceAccount', { namespace, labels: { [OWNER]: 'eg' } }));
      const annotations = await auditAnnotations('serviceaccounts', namespace);
      // What the API server says of every request, and of slow ones.
      return Object.keys(annotations).filter((key) => !/^(authorization|apiserver\.latency)\.k8s\.io\//.test(key));
    };

    expect(await said(both?.webhook)).toContain('standard.label.gateway-name-webhook/reason');
    expect(await said(both?.policy)).toEqual([]);
  });

  test.for([
    { engine: 'policy', refused: /^The serviceaccounts "eg" is invalid: .*denied request/ },
    { engine: 'webhook', refused: /^Error from server \(InternalError\): .*failed calling webhook/ },
  ])('that $engine fails for is refused with failurePolicy Fail, and why is said', async ({ engine, refused }) => {
    const release = await newRelease();
    const namespace = await createNamespace();
    await using _installed = await Release.install(release, {
      engine,
      fullnameOverride: release.name,
      webhook: {
        failurePolicy: 'Fail',
        // Nobody answers there.
        clientConfig: { url: 'https://127.0.0.1:1/mutate' },
        // A policy is in effect for up to a second after it is gone: nobody else's objects are to be refused by it.
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
