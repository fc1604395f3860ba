import { NAME } from '../e2e/installation.ts';
import { kubectl } from '../e2e/program.ts';

const CLUSTER_ISSUER = `${NAME}-e2e`;

/** The namespace in which cert-manager keeps the Secrets of ClusterIssuers. */
const CERT_MANAGER = 'cert-manager';

const issuer = (name: string, spec: object) => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'ClusterIssuer',
  metadata: { name },
  spec,
});

const CLUSTER_ISSUER_OBJECTS = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    issuer(`${CLUSTER_ISSUER}-root`, { selfSigned: {} }),
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: CLUSTER_ISSUER, namespace: CERT_MANAGER },
      spec: {
        isCA: true,
        commonName: 'A CA of the cluster',
        secretName: CLUSTER_ISSUER,
        issuerRef: { kind: 'ClusterIssuer', name: `${CLUSTER_ISSUER}-root` },
      },
    },
    issuer(CLUSTER_ISSUER, { ca: { secretName: CLUSTER_ISSUER } }),
  ],
};

/** Creates a ClusterIssuer, as a cluster admin would. Returns the function that deletes it. */
export async function createClusterIssuer(): Promise<() => Promise<void>> {
  await kubectl(['apply', '--filename', '-'], CLUSTER_ISSUER_OBJECTS);
  await kubectl(['wait', '--for=condition=Ready', `clusterissuer/${CLUSTER_ISSUER}`, '--timeout=1m']);
  return async () => {
    await kubectl(['delete', '--filename', '-'], CLUSTER_ISSUER_OBJECTS);
    await kubectl(['delete', 'secret', CLUSTER_ISSUER, '--namespace', CERT_MANAGER]);
  };
}

const issuerRef = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields).map(([field, value]) => `certificates.certManager.issuerRef.${field}=${value}`);

/** An issuer that does not belong to cert-manager. */
export const EXTERNAL = { group: 'issuers.example.com', kind: 'ExternalIssuer', name: 'external' };

/** The chart's values for each type of issuer. */
export const ISSUERS = {
  "the chart's own": [],
  'a ClusterIssuer': issuerRef({ kind: 'ClusterIssuer', name: CLUSTER_ISSUER }),
  'an external issuer': issuerRef(EXTERNAL),
} as const;
