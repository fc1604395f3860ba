import { eventually } from '../cluster/eventually.ts';
import { kubectl, tryKubectl } from '../cluster/kubectl.ts';

const NAME = 'user-id-range';
const MESSAGE = 'user and group ids must be those of the namespace';

/** The label of a namespace in which the cluster assigns the IDs of Pods. */
export const UID_RANGE = { [NAME]: 'assigned' };

/**
 * Installs a policy with the rule of OpenShift's SCC restricted-v2, which every account may use: user and fsGroup must be in
 * the namespace's range, or unset.
 */
export async function assignUserIds(): Promise<void> {
  const ids = [
    'object.spec.?securityContext.?runAsUser',
    'object.spec.?securityContext.?fsGroup',
    'object.spec.containers[0].?securityContext.?runAsUser',
  ];
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAME, labels: UID_RANGE } },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: NAME },
      spec: {
        matchConstraints: {
          namespaceSelector: { matchLabels: UID_RANGE },
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        },
        validations: [
          {
            expression: `[${ids.join(', ')}].all(id, !id.hasValue() || (id.value() >= 1000650000 && id.value() < 1000660000))`,
            message: MESSAGE,
          },
        ],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: NAME },
      spec: { policyName: NAME, validationActions: ['Deny'] },
    },
  ];
  await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });

  // A policy takes effect some seconds after its creation. Only a refusal shows this.
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: NAME, namespace: NAME },
    spec: { securityContext: { runAsUser: 1 }, containers: [{ name: 'c', image: 'i' }] },
  };
  await eventually('the policy to take effect', async () => {
    const { stderr } = await tryKubectl(['create', '--dry-run=server', '-f', '-'], pod);
    return stderr.includes(MESSAGE) || undefined;
  });
}
