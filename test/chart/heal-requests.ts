import { OWNER, objectOf, STANDARD } from '../cluster/objects.ts';
import type { Attempt, Guarded } from './guarded.ts';
import { ADD_STANDARD } from './heal-changes.ts';

/** A request other than an update of a Pod, a Service or a ServiceAccount. */
export interface Request extends Attempt {
  readonly what: string;
  /** The request goes on to a node or a Pod. There is none here, so it fails even for an administrator. */
  readonly connects?: true;
  /** A subresource that Kubernetes serves since 1.33. */
  readonly needs?: 'pods/resize';
}

const JSON_PATCH = 'application/json-patch+json';
const BOTH = { [OWNER]: 'eg', [STANDARD]: 'eg' };

/** A custom kind whose plural is also `services`. */
export const OTHER_SERVICES = { group: 'serving.knative.dev', kind: 'Service', plural: 'services' };

function otherService(namespace: string): string {
  return `/apis/${OTHER_SERVICES.group}/v1/namespaces/${namespace}/${OTHER_SERVICES.plural}/eg`;
}

/**
 * Requests that the guard must deny even with all permissions. `namespace` has a Pod, a Service, a ServiceAccount and a
 * custom service named `eg`. Other requests change the release's Deployment and heal's permissions.
 */
export function requestsIn(
  namespace: string,
  { release, heal }: Pick<Guarded, 'release' | 'heal'>,
): readonly Request[] {
  const core = `/api/v1/namespaces/${namespace}`;
  const apps = `/apis/apps/v1/namespaces/${release.namespace}/deployments/${release.name}-gateway-name-webhook`;
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const post = (what: string, path: string, body: object) => ({ what, method: 'POST', path, body });
  const patch = (what: string, path: string, ...body: readonly object[]) => ({
    what,
    method: 'PATCH',
    path,
    body,
    type: JSON_PATCH,
  });
  const metadata = { name: 'other' };
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];

  return [
    post('create a Pod', `${core}/pods`, objectOf('Pod', metadata)),
    post('create a Pod with both labels', `${core}/pods`, objectOf('Pod', { ...metadata, labels: BOTH })),
    post('create a Service', `${core}/services`, objectOf('Service', metadata)),
    post('create a ServiceAccount', `${core}/serviceaccounts`, objectOf('ServiceAccount', metadata)),
    {
      what: 'create a ServiceAccount with server-side apply',
      method: 'PATCH',
      path: `${core}/serviceaccounts/other?fieldManager=heal`,
      body: objectOf('ServiceAccount', { ...metadata, labels: BOTH }),
      type: 'application/apply-patch+yaml',
    },
    post('create a Secret', `${core}/secrets`, { metadata }),
    post('create a ConfigMap', `${core}/configmaps`, { metadata }),
    post('create a namespace', '/api/v1/namespaces', { metadata: { generateName: 'test-' } }),
    post('create an Event', `${core}/events`, { metadata, involvedObject: { namespace } }),
    post('create an object of a custom kind', `/apis/cert-manager.io/v1/namespaces/${namespace}/issuers`, {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Issuer',
      metadata,
      spec: { selfSigned: {} },
    }),
    post('create a Role', `${rbac}/namespaces/${namespace}/roles`, { metadata, rules }),
    post('create a ClusterRole', `${rbac}/clusterroles`, { metadata: { generateName: 'test-' }, rules }),
    patch('change a ClusterRole', `${rbac}/clusterroles/${heal}`, {
      op: 'replace',
      path: '/rules',
      value: rules,
    }),
    patch('change a ClusterRoleBinding', `${rbac}/clusterrolebindings/${heal}`, {
      op: 'add',
      path: '/subjects/-',
      value: { kind: 'User', name: 'other', apiGroup: 'rbac.authorization.k8s.io' },
    }),
    patch('change a Deployment', apps, { op: 'replace', path: '/spec/replicas', value: 0 }),
    patch('scale a Deployment', `${apps}/scale`, { op: 'replace', path: '/spec/replicas', value: 0 }),
    patch('label a Service of another API group', otherService(namespace), ADD_STANDARD),
    patch('label a namespace', `/api/v1/namespaces/${namespace}`, {
      op: 'add',
      path: '/metadata/labels/a',
      value: 'b',
    }),
    { what: 'delete a Pod', method: 'DELETE', path: `${core}/pods/eg` },
    { what: 'delete a Service', method: 'DELETE', path: `${core}/services/eg` },
    { what: 'delete all Pods', method: 'DELETE', path: `${core}/pods` },
    { what: 'delete all ServiceAccounts', method: 'DELETE', path: `${core}/serviceaccounts` },
    {
      what: 'run a program in a Pod',
      method: 'POST',
      path: `${core}/pods/eg/exec?command=sh&stdout=true`,
      connects: true,
    },
    { what: 'attach to a Pod', method: 'POST', path: `${core}/pods/eg/attach?stdout=true`, connects: true },
    { what: 'forward a port of a Pod', method: 'POST', path: `${core}/pods/eg/portforward?ports=80`, connects: true },
    { what: 'call a Pod', method: 'GET', path: `${core}/pods/eg/proxy/`, connects: true },
    { what: 'call a Service', method: 'GET', path: `${core}/services/eg/proxy/`, connects: true },
    post('evict a Pod', `${core}/pods/eg/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'eg' },
    }),
    post('bind a Pod to a node', `${core}/pods/eg/binding`, {
      metadata: { name: 'eg' },
      target: { kind: 'Node', name: 'a' },
    }),
    post('get a token', `${core}/serviceaccounts/eg/token`, { spec: { audiences: [] } }),
    patch("add a Pod's label through its status", `${core}/pods/eg/status`, ADD_STANDARD),
    patch("add a Service's label through its status", `${core}/services/eg/status`, ADD_STANDARD),
    patch('add a container to a Pod', `${core}/pods/eg/ephemeralcontainers`, {
      op: 'add',
      path: '/spec/ephemeralContainers',
      value: [{ name: 'other', image: 'other' }],
    }),
    {
      ...patch('resize a Pod', `${core}/pods/eg/resize`, {
        op: 'replace',
        path: '/spec/containers/0/resources/requests/cpu',
        value: '2m',
      }),
      needs: 'pods/resize',
    },
  ];
}
