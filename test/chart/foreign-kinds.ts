import { inject } from 'vitest';
import { eventually } from '../cluster/eventually.ts';
import { kubectl } from '../cluster/kubectl.ts';

/** Kinds in the chart that Kubernetes does not provide. */
const FOREIGN_KINDS = [
  { group: 'cert-manager.io', kind: 'Certificate', plural: 'certificates' },
  { group: 'cert-manager.io', kind: 'Issuer', plural: 'issuers' },
  { group: 'monitoring.coreos.com', kind: 'PrometheusRule', plural: 'prometheusrules' },
  { group: 'monitoring.coreos.com', kind: 'ServiceMonitor', plural: 'servicemonitors' },
];

interface ForeignKind {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
}

/** Creates CRDs without validation, so that releases with these kinds can be installed. */
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
  await untilServed(kinds);
}

/**
 * Creates the CRDs of the chart's foreign kinds: those of their projects or, if these are not available, ones without
 * validation.
 */
export async function serveForeignKinds(): Promise<void> {
  const files = inject('foreignCRDs');
  if (!files) return serveKinds(FOREIGN_KINDS);
  // Server-side, because the CRDs are too large for the annotation of a client-side apply.
  await kubectl(['apply', '--server-side', ...files.flatMap((file) => ['-f', file])]);
  await untilServed(FOREIGN_KINDS);
}

async function untilServed(kinds: readonly ForeignKind[]): Promise<void> {
  const names = kinds.map(({ group, plural }) => `crd/${plural}.${group}`);
  await kubectl(['wait', '--for=condition=Established', '--timeout=30s', ...names]);
  await eventually('the discovery of foreign kinds', async () => {
    const served = await kubectl(['api-resources', '-o', 'name']);
    return kinds.every(({ group, plural }) => served.includes(`${plural}.${group}`)) || undefined;
  });
}
