import { describe, expect, inject, test } from 'vitest';
import { CHART, objectsOf, tryHelm } from './helm.ts';

const GROUP = 'admissionregistration.k8s.io';
const V1 = `${GROUP}/v1/MutatingAdmissionPolicy`;
const V1BETA1 = `${GROUP}/v1beta1/MutatingAdmissionPolicy`;

function template(...args: readonly string[]) {
  return tryHelm(['template', 'x', CHART, ...args]);
}

/** The flags that describe a cluster to Helm: its version, and the kinds that it serves besides Pods. */
function cluster(version: string, ...kinds: readonly string[]): readonly string[] {
  return [`--kube-version=${version}`, ...['v1/Pod', ...kinds].map((kind) => `--api-versions=${kind}`)];
}

describe.skipIf(inject('helm') === null)('the chart', () => {
  test.for([
    ...['1.30.0', 'v1.30.5-eks-1a2b3c4', 'v1.30.9-gke.1231000', 'v1.31.4+k3s1', '1.33.0-alpha.1', 'v1.37.2', 'v1.40.0'],
  ])('supports Kubernetes %s', async (version) => {
    expect(await template(`--kube-version=${version}`)).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test.for(['1.29.14', 'v1.29.9-eks-1a2b3c4'])('does not support Kubernetes %s', async (version) => {
    const { exitCode, stderr } = await template(`--kube-version=${version}`);
    expect(stderr).toContain('chart requires kubeVersion: >=1.30.0-0 which is incompatible with Kubernetes v1.29');
    expect(exitCode).toBe(1);
  });
});

describe.skipIf(inject('helm') === null)('engine policy', () => {
  test.for([
    { where: 'v1 is served', args: cluster('v1.36.3', V1), version: 'v1' },
    { where: 'v1 and v1beta1 are served', args: cluster('v1.36.3', V1BETA1, V1), version: 'v1' },
    { where: 'v1beta1 is served', args: cluster('v1.35.4', V1BETA1), version: 'v1beta1' },
    { where: 'no cluster is known', args: [], version: 'v1' },
    { where: 'no kinds of a cluster are known', args: ['--api-versions=monitoring.coreos.com/v1'], version: 'v1' },
    { where: 'only an older cluster version is known', args: ['--kube-version=v1.34.4'], version: 'v1' },
    { where: '--api-versions names v1beta1', args: [`--api-versions=${V1BETA1}`], version: 'v1beta1' },
  ])('uses $version if $where', async ({ args, version }) => {
    const { stdout, stderr } = await template('--set=engine=policy', ...args);
    expect(stderr).toBe('');
    const policies = objectsOf(stdout).filter(({ kind }) => kind.startsWith('MutatingAdmissionPolicy'));
    expect(policies.map(({ apiVersion }) => apiVersion)).toEqual(Array(4).fill(`${GROUP}/${version}`));
  });

  test.for([
    {
      version: 'v1.33.13',
      says: 'MutatingAdmissionPolicy needs Kubernetes 1.34 or newer, and the cluster runs v1.33.13: set engine=webhook',
    },
    {
      version: 'v1.34.5-gke.1000',
      says: 'Kubernetes v1.34.5-gke.1000 does not serve MutatingAdmissionPolicy by default: start the API server with --feature-gates=MutatingAdmissionPolicy=true and --runtime-config=admissionregistration.k8s.io/v1beta1=true, or set engine=webhook',
    },
    {
      version: 'v1.36.3',
      says: 'MutatingAdmissionPolicy is disabled in this cluster (Kubernetes v1.36.3 serves it by default): enable it, or set engine=webhook',
    },
  ])('is refused if Kubernetes $version serves no policies', async ({ version, says }) => {
    for (const engine of ['policy', 'both']) {
      const { exitCode, stderr } = await template(`--set=engine=${engine}`, ...cluster(version));
      expect(stderr).toContain(`engine is ${engine}: ${says}`);
      expect(exitCode).toBe(1);
    }
    expect(await template(...cluster(version))).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
