import { kubectl } from '../cluster/kubectl.ts';

const NAME = 'user-id-range';

/** The label of a namespace whose Pods get their ids from the cluster. */
export const UID_RANGE = { [NAME]: 'assigned' };

/**
 * Has the API server judge Pods as OpenShift's SCC restricted-v2 does, which every account may use: user and fsGroup are
 * of the namespace's range, or left to the cluster.
 */
export async function assignUserIds(): Promise<void> {
  const ids = [
    'object.spec.?securityContext.?runAsUser',
    'object.spec.?securityContext.?fsGroup',
    'object.spec.containers[0].?securityContext.?runAsUser',
  ];
  const items = [
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
            message: 'user and group ids must be those of the namespace',
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
}
