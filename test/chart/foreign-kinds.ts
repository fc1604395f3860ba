import { eventually } from '../cluster/eventually.ts';
import { kubectl } from '../cluster/kubectl.ts';

/** Kinds that the chart renders and Kubernetes does not bring. */
const FOREIGN_KINDS = [
  { group: 'cert-manager.io', kind: 'Certificate', plural: 'certificates' },
  { group: 'cert-manager.io', kind: 'Issuer', plural: 'issuers' },
  { group: 'monitoring.coreos.com', kind: 'PrometheusRule', plural: 'prometheusrules' },
  { group: 'monitoring.coreos.com', kind: 'ServiceMonitor', plural: 'servicemonitors' },
];

/** Whether Kubernetes itself has a kind, so that its API server can tell whether an object of it is right. */
export function isForeign({ apiVersion }: { readonly apiVersion: string }): boolean {
  return FOREIGN_KINDS.some(({ group }) => apiVersion === `${group}/v1`);
}

interface ForeignKind {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
}

/**
 * Lets the API server store custom kinds, whatever their objects hold, so that releases with them can be installed.
 *
 * That such an object is right no test here can tell: golden files only show what it is.
 */
export async function serveKinds(kinds: readonly ForeignKind[]): Promise<void> {
  const items = kinds.map(({ group, kind, plural }) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests only' },
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  }));
  await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  const names = items.map(({ metadata }) => `crd/${metadata.name}`);
  await kubectl(['wait', '--for=condition=Established', '--timeout=30s', ...names]);
  await eventually('the discovery of foreign kinds', async () => {
    const served = await kubectl(['api-resources', '-o', 'name']);
    return kinds.every(({ group, plural }) => served.includes(`${plural}.${group}`)) || undefined;
  });
}

/** The same for those that the chart renders. */
export async function serveForeignKinds(): Promise<void> {
  await serveKinds(FOREIGN_KINDS);
}
