// Written out instead of imported from src: users' selectors depend on these keys.
export const STANDARD = 'gateway.networking.k8s.io/gateway-name';
export const OWNER = 'gateway.envoyproxy.io/owning-gateway-name';

export type Labels = Readonly<Record<string, string>>;

/** An object to create, and its path. */
export interface Blueprint {
  readonly path: (namespace: string) => string;
  readonly object: (name: string, labels: Labels) => object;
}

const inNamespace = (resource: string) => (namespace: string) => `/api/v1/namespaces/${namespace}/${resource}`;

export const SERVICE_ACCOUNT: Blueprint = {
  path: inNamespace('serviceaccounts'),
  object: (name, labels) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, labels } }),
};

const SERVICE: Blueprint = {
  path: inNamespace('services'),
  object: (name, labels) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels },
    // Without a selector and an address, it causes neither endpoints nor kube-proxy rules.
    spec: { clusterIP: 'None', ports: [{ port: 80 }] },
  }),
};

export const POD: Blueprint = {
  path: inNamespace('pods'),
  object: (name, labels) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: {
      // The scheduler ignores a Pod with a gate.
      schedulingGates: [{ name: 'example.com/never' }],
      containers: [{ name: 'envoy', image: 'envoy' }],
    },
  }),
};

/** One of each kind that the webhook handles, at low cost for the cluster. */
export const BLUEPRINTS = [SERVICE_ACCOUNT, SERVICE, POD] as const;

/** The collections that a load fills. */
export const RESOURCES = ['serviceaccounts', 'services', 'pods'] as const;
